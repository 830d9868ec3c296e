import type { Membership } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { Files } from "lucide-react";

import { isAdmin } from "#/app/access";
import { useIsOnline, useMe, useRoom } from "#/app/client";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { SealedFilesPage } from "#/features/encryption/files-page";
import { FileBrowser } from "#/features/files/file-browser";
import type { FilesSearch } from "#/features/files/search";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { MessagesLink } from "./conversation";
import { titleOf } from "./model";

/** The files of a channel or direct conversation. */
export function RoomFilesPage({ roomId, search }: { roomId: string; search: FilesSearch }) {
  const me = useMe();
  const online = useIsOnline();
  const inbox = useRoom(me.id);
  const membership = inbox.state.memberships[roomId];
  if (membership?.kind === "sealed") return <SealedFilesPage key={roomId} roomId={roomId} search={search} />;
  if (membership) return <Inside key={roomId} membership={membership} search={search} />;
  return (
    <>
      <PageHeader title={<PageTitle>Files</PageTitle>} />
      {inbox.ready ? (
        <Empty icon={Files} title="There is no such conversation">
          It may have been private, or you are not in it.
        </Empty>
      ) : online ? (
        <SkeletonRows />
      ) : (
        <OfflineEmpty />
      )}
    </>
  );
}

function Inside({ membership, search }: { membership: Membership; search: FilesSearch }) {
  const me = useMe();
  const navigate = useNavigate();
  const online = useIsOnline();
  const roomId = membership.id;
  const view = useRoom(roomId);
  const others = Object.values(view.state.participants).filter(({ id }) => id !== me.id);
  const channel = membership.kind === "channel";
  const title = `${channel ? "#" : ""}${titleOf(membership, others)}`;
  useTitle(`Files of ${title}`);
  const archived = view.state.rooms[roomId]?.archived ?? false;
  return (
    <>
      <PageHeader title={<PageTitle>Files of {title}</PageTitle>}>
        <MessagesLink roomId={roomId} />
      </PageHeader>
      {view.error ? (
        <Failed message={view.error.message} />
      ) : !view.ready ? (
        online ? (
          <SkeletonRows />
        ) : (
          <OfflineEmpty />
        )
      ) : (
        <FileBrowser
          view={view}
          title={title}
          canEdit={membership.role !== "viewer" && !archived}
          canManage={channel && (membership.role === "manager" || isAdmin(me))}
          search={search}
          onSearch={(change, replace = false) =>
            void navigate({
              to: "/rooms/$roomId/files",
              params: { roomId },
              search: (before: FilesSearch) => ({ ...before, ...change }),
              replace,
            })
          }
        />
      )}
    </>
  );
}
