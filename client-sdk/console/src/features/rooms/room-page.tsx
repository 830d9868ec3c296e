import type { Membership, Room } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { Archive, Hash, Lock, MessagesSquare } from "lucide-react";

import { isAdmin } from "#/app/access";
import {
  type RoomView,
  useClient,
  useIsOnline,
  useMe,
  usePresence,
  useRoom,
  useWorkspace,
} from "#/app/client";
import { report } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { SealedRoomPage } from "#/features/encryption/room-page";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { Conversation, DetailsToggle, FilesLink } from "./conversation";
import { titleOf } from "./model";
import { RoomDetails } from "./room-details";

interface RoomPageProps {
  roomId: string;
  thread: string | undefined;
  details: boolean;
}

/** One channel or direct conversation. A channel that one is not in is only looked at from outside. */
export function RoomPage({ roomId, thread, details }: RoomPageProps) {
  const me = useMe();
  const inbox = useRoom(me.id);
  const membership = inbox.state.memberships[roomId];
  if (!inbox.ready) return <Waiting />;
  if (!membership) return <Outside roomId={roomId} />;
  if (membership.kind === "sealed")
    return <SealedRoomPage key={roomId} roomId={roomId} thread={thread} details={details} />;
  return <Inside key={roomId} roomId={roomId} membership={membership} thread={thread} details={details} />;
}

function Waiting() {
  const online = useIsOnline();
  return (
    <>
      <PageHeader title={<PageTitle>Conversation</PageTitle>} />
      {online ? <SkeletonRows /> : <OfflineEmpty />}
    </>
  );
}

function Inside({
  roomId,
  membership,
  thread,
  details,
}: { roomId: string; membership: Membership } & Pick<RoomPageProps, "thread" | "details">) {
  const me = useMe();
  const navigate = useNavigate();
  const view = useRoom(roomId);
  const online = useIsOnline();
  const room = view.state.rooms[roomId];
  const others = Object.values(view.state.participants).filter(({ id }) => id !== me.id);
  const title = titleOf(membership, others);
  useTitle(membership.kind === "channel" ? `#${title}` : title);
  const show = (search: { thread?: string; details?: boolean }) =>
    void navigate({ to: "/rooms/$roomId", params: { roomId }, search });
  const canTalk = membership.role !== "viewer" && !room?.archived;
  const canManage = membership.kind === "channel" && (membership.role === "manager" || isAdmin(me));
  return (
    <>
      <PageHeader title={<RoomTitle room={room} membership={membership} view={view} title={title} />}>
        <FilesLink roomId={roomId} />
        {membership.kind === "channel" && (
          <DetailsToggle
            members={Object.keys(view.state.participants).length}
            shown={details}
            onToggle={() => show(details ? {} : { details: true })}
          />
        )}
      </PageHeader>
      {view.error ? (
        <Failed message={view.error.message} />
      ) : !view.ready ? (
        online ? (
          <SkeletonRows rows={8} className="pt-3" />
        ) : (
          <OfflineEmpty />
        )
      ) : (
        <Conversation
          view={view}
          canTalk={canTalk}
          canManage={canManage}
          label={`Messages in ${title}`}
          placeholder={membership.kind === "channel" ? `Message #${title}` : `Message ${title}`}
          thread={thread}
          onThread={(id) => show(id === undefined ? {} : { thread: id })}
          empty={
            <Empty
              icon={membership.kind === "channel" ? Hash : MessagesSquare}
              title={membership.kind === "channel" ? `This is #${title}` : title}
            >
              {room?.topic || "Nothing has been said yet. Say hello."}
            </Empty>
          }
        >
          {details && room && (
            <RoomDetails view={view} room={room} canManage={canManage} onClose={() => show({})} />
          )}
        </Conversation>
      )}
    </>
  );
}

function RoomTitle({
  room,
  membership,
  view,
  title,
}: {
  room: Room | undefined;
  membership: Membership;
  view: RoomView;
  title: string;
}) {
  const me = useMe();
  const presence = usePresence(view.room);
  const other = Object.values(view.state.participants).find(({ id }) => id !== me.id);
  const Icon = room?.private ? Lock : Hash;
  return (
    <>
      {membership.kind === "channel" ? (
        <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
      ) : (
        <Avatar
          id={other?.id ?? me.id}
          name={other?.name ?? me.name}
          agent={other?.kind === "agent"}
          presence={other ? (presence[other.id] ?? null) : null}
        />
      )}
      <PageTitle>{title}</PageTitle>
      {room?.archived && (
        <Chip>
          <Archive aria-hidden /> Archived
        </Chip>
      )}
      {room?.topic && (
        <p className="hidden min-w-0 truncate border-l pl-2.5 text-xs text-ink-3 sm:block">{room.topic}</p>
      )}
    </>
  );
}

/** A public channel before one joins it: joining is a decision, not a glance. */
function Outside({ roomId }: { roomId: string }) {
  const client = useClient();
  const me = useMe();
  const workspace = useWorkspace();
  const { state } = useRoom(me.role === "guest" ? me.id : workspace.id);
  const room = state.rooms[roomId];
  useTitle(room?.name ?? "Conversation");
  const join = () => {
    client.call("room.join", { room: roomId }).catch((error: unknown) => report("You could not join", error));
  };
  return (
    <>
      <PageHeader title={<PageTitle>{room?.name ?? "Conversation"}</PageTitle>} />
      {room ? (
        <Empty
          icon={Hash}
          title={`Join #${room.name}?`}
          action={
            <Button look="primary" onClick={join}>
              Join channel
            </Button>
          }
        >
          {room.topic || "Members see what is said here and can take part."}
        </Empty>
      ) : (
        <Empty icon={MessagesSquare} title="There is no such conversation">
          It may have been private, or you are not in it any more.
        </Empty>
      )}
    </>
  );
}
