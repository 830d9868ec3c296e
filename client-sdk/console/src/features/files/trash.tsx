import type { FileInfo } from "@ymera/client";
import { Trash2, Undo2 } from "lucide-react";
import { useState } from "react";

import type { RoomView } from "#/app/client";
import { messageOf } from "#/app/errors";
import { usePeopleOf } from "#/features/rooms/people";
import { bytesOf } from "#/ui/amounts";
import { Button, IconButton } from "#/ui/button";
import { momentOf } from "#/ui/dates";
import { Confirm } from "#/ui/dialog";
import { Empty, Failed, SkeletonRows } from "#/ui/states";

import { KindIcon } from "./kind-icon";
import { daysLeft } from "./names";
import { useFileChange, useFileList } from "./use-files";

/** Deleted files, and how long they can still be brought back. */
export function Trash({
  view,
  canEdit,
  canManage,
}: {
  view: RoomView;
  canEdit: boolean;
  canManage: boolean;
}) {
  const list = useFileList(view.id, { trash: true, sort: "updated_at", descending: true });
  const { nameOf } = usePeopleOf(view);
  if (!list.data)
    return list.isError ? (
      <Failed message={messageOf(list.error)} onRetry={() => void list.refetch()} />
    ) : (
      <SkeletonRows />
    );
  const files = list.data.pages.flatMap((page) => page.items);
  if (files.length === 0)
    return (
      <Empty icon={Trash2} title="The trash is empty">
        Deleted files stay here for 30 days.
      </Empty>
    );
  return (
    <>
      <ul aria-label="Trash">
        {files.map((file) => (
          <Row key={file.id} file={file} nameOf={nameOf} canEdit={canEdit} canManage={canManage} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button look="ghost" className="m-3" onClick={() => void list.fetchNextPage()}>
          More files
        </Button>
      )}
    </>
  );
}

interface RowProps {
  file: FileInfo;
  nameOf: (id: string) => string;
  canEdit: boolean;
  canManage: boolean;
}

function Row({ file, nameOf, canEdit, canManage }: RowProps) {
  const { run } = useFileChange();
  const [asking, setAsking] = useState(false);
  const file_id = file.id;
  return (
    <li data-file={file.name} className="flex min-h-12 items-center gap-3 border-b px-4 py-1.5">
      <KindIcon kind={file.kind} className="size-4.5" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{file.name}</p>
        <p className="truncate text-xs text-ink-3">
          {bytesOf(file.bytes)}, deleted by {nameOf(file.updated_by)}
          {file.purge_at && <span title={momentOf(file.purge_at)}>, gone in {daysLeft(file.purge_at)}</span>}
        </p>
      </div>
      {canEdit && (
        <Button
          size="sm"
          onClick={() =>
            run(
              (client) => client.call("file.undelete", { file_id }),
              `${file.name} could not be brought back`,
            )
          }
        >
          <Undo2 aria-hidden className="size-3.5" /> Restore
          <span className="sr-only"> {file.name}</span>
        </Button>
      )}
      {canManage && (
        <IconButton label={`Delete ${file.name} for good`} onClick={() => setAsking(true)}>
          <Trash2 />
        </IconButton>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${file.name} for good?`}
        description="All its versions go, and nobody can bring them back."
        action="Delete for good"
        onConfirm={() =>
          run(
            (client) => client.call("file.delete", { file_id, forever: true }),
            `${file.name} could not be deleted`,
          )
        }
      />
    </li>
  );
}
