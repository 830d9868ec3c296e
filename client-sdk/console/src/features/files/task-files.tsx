import type { Task } from "@ymera/client";
import { Link } from "@tanstack/react-router";

import { messageOf } from "#/app/errors";
import type { ProjectView } from "#/features/tasks/use-project";
import { bytesOf } from "#/ui/amounts";
import { agoOf } from "#/ui/dates";
import { Section } from "#/ui/section";

import type { Picked } from "./dropped";
import { DropZone, UploadButton } from "./drop-zone";
import { FileMenu } from "./file-actions";
import { Thumbnail } from "./kind-icon";
import { QualityChip } from "./quality";
import { useTray } from "./tray";
import { useFileList, useFileNews } from "./use-files";

/** The files of a task. */
export function TaskFiles({ view, task }: { view: ProjectView; task: Task }) {
  const tray = useTray();
  useFileNews(view.id);
  const list = useFileList(view.id, { task_id: task.id });
  const files = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { canEdit } = view.access;
  const upload = (picked: Picked[]) => tray.add(picked, { room: view.id, taskId: task.id });
  if (files.length === 0 && !canEdit && !list.isError) return null;
  return (
    <DropZone label={`Drop to add to ${task.title}`} disabled={!canEdit} onPick={upload}>
      <Section
        title="Files"
        note={files.length > 0 ? String(files.length) : undefined}
        action={canEdit && <UploadButton look="secondary" onPick={upload} />}
      >
        {list.isError && <p className="text-xs text-danger">{messageOf(list.error)}</p>}
        {files.length > 0 && (
          <ul className="rounded-lg border">
            {files.map((file) => (
              <li
                key={file.id}
                data-file={file.name}
                className="flex h-12 items-center gap-2.5 border-b pr-1.5 pl-2.5 last:border-b-0"
              >
                <Thumbnail file={file} />
                <div className="min-w-0 flex-1">
                  <Link
                    to="/files/$fileId"
                    params={{ fileId: file.id }}
                    className="block truncate rounded-sm font-medium hover:underline"
                  >
                    {file.name}
                  </Link>
                  <span className="block truncate text-xs text-ink-3">
                    {bytesOf(file.bytes)}, {agoOf(file.updated_at)} by {view.nameOf(file.updated_by)}
                  </span>
                </div>
                <QualityChip fileId={file.id} number={file.number} score={file.quality} />
                <FileMenu file={file} canEdit={canEdit} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </DropZone>
  );
}
