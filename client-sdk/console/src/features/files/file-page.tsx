import { isYmeraError } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

import { useDirectory, useIsOnline, useMe, useRoom } from "#/app/client";
import { messageOf } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { Button } from "#/ui/button";
import { Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { useSave } from "./download";
import { FileMenu } from "./file-actions";
import { FileView } from "./file-view";
import { KindIcon } from "./kind-icon";
import { NoFile } from "./no-file";
import { canEditFile } from "./rights";
import { useFile, useFileNews } from "./use-files";

/** One file with room to look at it: also for those who have access to nothing else of its room. */
export function FilePage({ fileId }: { fileId: string }) {
  const save = useSave();
  const navigate = useNavigate();
  const online = useIsOnline();
  const { nameOf } = useDirectory();
  const details = useFile(fileId);
  const file = details.data?.file;
  // Stays so while it is looked for again, so that nothing that is being done about it is lost.
  const [missing, setMissing] = useState(false);
  if (!missing && isMissing(details.error)) setMissing(true);
  useTitle(file?.name ?? "File");
  const open = (id: string) => void navigate({ to: "/files/$fileId", params: { fileId: id } });
  if (!file || !details.data)
    return (
      <>
        <PageHeader title={<PageTitle>File</PageTitle>} />
        {missing ? (
          <NoFile onLook={details.refetch} />
        ) : details.isError ? (
          <Failed message={messageOf(details.error)} onRetry={() => void details.refetch()} />
        ) : online ? (
          <SkeletonRows />
        ) : (
          <OfflineEmpty />
        )}
      </>
    );
  return (
    <>
      <PageHeader
        title={
          <>
            <KindIcon kind={file.kind} className="size-4" />
            <PageTitle>{file.name}</PageTitle>
          </>
        }
      >
        <Place room={file.room} folder={file.folder} />
        <Button size="sm" disabled={file.held !== ""} onClick={() => save(file.room, file)}>
          <Download aria-hidden className="size-3.5" /> Download
        </Button>
        <FileMenu file={file} canEdit={canEditFile(details.data)} />
      </PageHeader>
      <News room={file.room} fileId={file.id} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-4xl px-5 pt-4 pb-20">
          <FileView details={details} nameOf={nameOf} onOpen={open} />
        </div>
      </div>
    </>
  );
}

/** Nobody has it, or it lies in an encrypted room that this device may not read. */
function isMissing(error: unknown): boolean {
  return isYmeraError(error, "not_found") || isYmeraError(error, "e2ee_room");
}

const NOTHING = () => () => undefined;

/** Hears of changes while the page is open, where one is in the room. */
function News({ room, fileId }: { room: string; fileId: string }) {
  const queries = useQueryClient();
  const { room: open } = useRoom(room);
  useFileNews(room);
  const listening = useSyncExternalStore(open?.subscribe ?? NOTHING, () => open?.phase === "live");
  // Nobody heard of what happened after the file was asked for and before the room told of it.
  useEffect(() => {
    if (listening) void queries.invalidateQueries({ queryKey: ["file", fileId] });
  }, [queries, fileId, listening]);
  return null;
}

/** Where the file lies, for those who may go there. */
function Place({ room, folder }: { room: string; folder: string }) {
  const me = useMe();
  const membership = useRoom(me.id).state.memberships[room];
  if (!membership) return null;
  const search = folder ? { folder } : {};
  const look = "hidden text-xs text-ink-3 hover:text-ink hover:underline sm:block";
  const words = [membership.name, folder].filter(Boolean).join(" / ") || "Its conversation";
  return membership.kind === "project" ? (
    <Link to="/projects/$projectId/files" params={{ projectId: room }} search={search} className={look}>
      {words}
    </Link>
  ) : (
    <Link to="/rooms/$roomId/files" params={{ roomId: room }} search={search} className={look}>
      {words}
    </Link>
  );
}
