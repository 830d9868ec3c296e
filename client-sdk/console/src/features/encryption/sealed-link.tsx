import type { Membership } from "@ymera/client";
import { LockKeyhole } from "lucide-react";

import { useMe, useRoom } from "#/app/client";
import { Row } from "#/app/sidebar";
import { unreadMessages } from "#/features/rooms/model";

import { archivedIn, nameIn } from "./name";
import { useSealedRoom } from "./use-sealed";

/** An encrypted room in the sidebar, live, with its unread mark; nothing once it is archived. */
export function SealedLink({ membership }: { membership: Membership }) {
  const me = useMe();
  const { id } = membership;
  const { state } = useRoom(id);
  const project = useSealedRoom(id)?.form === "project";
  if (archivedIn(state, id)) return null;
  return (
    <Row
      {...(project
        ? { to: "/projects/$projectId", params: { projectId: id } }
        : { to: "/rooms/$roomId", params: { roomId: id } })}
      icon={<LockKeyhole />}
      badge={unreadMessages(state, membership, me.id)}
    >
      {nameIn(state, id)}
    </Row>
  );
}
