import { Navigate, useNavigate } from "@tanstack/react-router";

import { sealedAccess } from "#/app/access";
import { useIsOnline, useRoom } from "#/app/client";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { FileBrowser } from "#/features/files/file-browser";
import type { FilesSearch } from "#/features/files/search";
import { MessagesLink } from "#/features/rooms/conversation";
import { OfflineEmpty, SkeletonRows } from "#/ui/states";

import { Gate } from "./gate";
import { archivedIn, nameIn } from "./name";
import { useSealedRoom } from "./use-sealed";

/** The files of an encrypted conversation. */
export function SealedFilesPage({ roomId, search }: { roomId: string; search: FilesSearch }) {
  const view = useRoom(roomId);
  const sealed = useSealedRoom(roomId);
  const name = nameIn(view.state, roomId);
  useTitle(`Files of ${name}`);
  if (sealed?.form === "project")
    return (
      <Navigate to="/projects/$projectId/files" params={{ projectId: roomId }} search={search} replace />
    );
  return (
    <>
      <PageHeader title={<PageTitle>Files of {name}</PageTitle>}>
        <MessagesLink roomId={roomId} />
      </PageHeader>
      <Gate>
        <Inside roomId={roomId} search={search} />
      </Gate>
    </>
  );
}

function Inside({ roomId, search }: { roomId: string; search: FilesSearch }) {
  const navigate = useNavigate();
  const online = useIsOnline();
  const view = useRoom(roomId);
  const sealed = useSealedRoom(roomId);
  if (!view.ready || !sealed) return online ? <SkeletonRows /> : <OfflineEmpty />;
  const { canEdit, canManage } = sealedAccess(sealed, archivedIn(view.state, roomId));
  return (
    <FileBrowser
      view={view}
      title={nameIn(view.state, roomId)}
      canEdit={canEdit}
      canManage={canManage}
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
  );
}
