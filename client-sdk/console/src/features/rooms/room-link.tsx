import type { Membership } from "@ymera/client";
import { Hash, Lock } from "lucide-react";

import { useMe, useRoom } from "#/app/client";
import { Row } from "#/app/sidebar";
import { Avatar } from "#/ui/avatar";

import { titleOf, unreadMessages } from "./model";

/** A channel or conversation in the sidebar, live, with its unread mark. */
export function RoomLink({ membership }: { membership: Membership }) {
  const me = useMe();
  const { state } = useRoom(membership.id);
  const unread = unreadMessages(state, membership, me.id);
  const others = Object.values(state.participants).filter((person) => person.id !== me.id);
  const first = others[0];
  const ChannelIcon = state.rooms[membership.id]?.private ? Lock : Hash;
  return (
    <Row
      to="/rooms/$roomId"
      params={{ roomId: membership.id }}
      icon={
        membership.kind === "channel" ? (
          <ChannelIcon />
        ) : (
          <Avatar
            id={first?.id ?? membership.id}
            name={first?.name ?? ""}
            size="xs"
            agent={first?.kind === "agent"}
          />
        )
      }
      badge={unread}
    >
      {titleOf(membership, others)}
    </Row>
  );
}
