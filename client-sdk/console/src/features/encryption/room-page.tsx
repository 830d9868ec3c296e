import type { SealedRoomView } from "@ymera/client";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { Archive, LockKeyhole, Search } from "lucide-react";
import { useState } from "react";

import { sealedAccess } from "#/app/access";
import { type RoomView, useIsOnline, useRoom } from "#/app/client";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { Conversation, DetailsToggle, FilesLink } from "#/features/rooms/conversation";
import { IconButton } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { Gate } from "./gate";
import { archivedIn, nameIn } from "./name";
import { RoomBar } from "./room-bar";
import { SealedDetails } from "./room-details";
import { SearchDialog } from "./search-dialog";
import { useSealedRoom } from "./use-sealed";

interface SealedRoomPageProps {
  roomId: string;
  thread: string | undefined;
  details: boolean;
}

/** One encrypted conversation. */
export function SealedRoomPage({ roomId, thread, details }: SealedRoomPageProps) {
  const view = useRoom(roomId);
  const sealed = useSealedRoom(roomId);
  const navigate = useNavigate();
  const name = nameIn(view.state, roomId);
  useTitle(name);
  const show = (search: { thread?: string; details?: boolean }) =>
    void navigate({ to: "/rooms/$roomId", params: { roomId }, search });
  if (sealed?.form === "project")
    return <Navigate to="/projects/$projectId" params={{ projectId: roomId }} replace />;
  return (
    <>
      <PageHeader
        title={
          <>
            <LockKeyhole aria-label="Encrypted" className="size-4 shrink-0 text-good" />
            <PageTitle>{name}</PageTitle>
            {archivedIn(view.state, roomId) && (
              <Chip>
                <Archive aria-hidden /> Archived
              </Chip>
            )}
            <Topic text={view.state.rooms[roomId]?.topic} />
          </>
        }
      >
        {sealed && (
          <>
            <FindHere roomId={roomId} />
            <FilesLink roomId={roomId} />
            <DetailsToggle
              members={sealed.members.length}
              shown={details}
              onToggle={() => show(details ? {} : { details: true })}
            />
          </>
        )}
      </PageHeader>
      <Gate>
        <Inside view={view} sealed={sealed} name={name} thread={thread} details={details} show={show} />
      </Gate>
    </>
  );
}

function Topic({ text }: { text: string | undefined }) {
  if (!text) return null;
  return <p className="hidden min-w-0 truncate border-l pl-2.5 text-xs text-ink-3 sm:block">{text}</p>;
}

function FindHere({ roomId }: { roomId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label="Search in this room" onClick={() => setOpen(true)}>
        <Search />
      </IconButton>
      <SearchDialog open={open} onOpenChange={setOpen} room={roomId} project={false} />
    </>
  );
}

interface InsideProps {
  view: RoomView;
  sealed: SealedRoomView | null;
  name: string;
  thread: string | undefined;
  details: boolean;
  show: (search: { thread?: string; details?: boolean }) => void;
}

function Inside({ view, sealed, name, thread, details, show }: InsideProps) {
  const online = useIsOnline();
  if (view.error) return <Failed message={view.error.message} />;
  if (!view.ready || !sealed) return online ? <SkeletonRows rows={8} className="pt-3" /> : <OfflineEmpty />;
  const { canTalk, canManage } = sealedAccess(sealed, archivedIn(view.state, view.id));
  return (
    <>
      <RoomBar sealed={sealed} />
      <Conversation
        view={view}
        canTalk={canTalk}
        canManage={canManage}
        label={`Messages in ${name}`}
        placeholder={`Message ${name}`}
        thread={thread}
        onThread={(id) => show(id === undefined ? {} : { thread: id })}
        empty={
          <Empty icon={LockKeyhole} title={name}>
            What is said here is encrypted between the devices of its members.{" "}
            {sealed.halted
              ? "What was said since the room stands still is not shown."
              : "Nothing has been said yet."}
          </Empty>
        }
      >
        {details && <SealedDetails view={view} sealed={sealed} name={name} onClose={() => show({})} />}
      </Conversation>
    </>
  );
}
