import type { ContentKind, FileInfo } from "@ymera/client";
import { ChevronRight, FileSearch, Files, FolderOpen, Trash2 } from "lucide-react";
import { useDeferredValue } from "react";

import { type RoomView, useIsOnline } from "#/app/client";
import { messageOf } from "#/app/errors";
import { usePeopleOf } from "#/features/rooms/people";
import { Button } from "#/ui/button";
import { Select } from "#/ui/field";
import { SearchField } from "#/ui/search-field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import type { Picked } from "./dropped";
import { DropZone, UploadButton } from "./drop-zone";
import { FileMenu } from "./file-actions";
import { FilePanel } from "./file-panel";
import { FileTable, type Sorting } from "./file-table";
import { FoundInText } from "./found";
import { KIND_NAMES, KINDS, pathOf } from "./names";
import { QuotaMeter } from "./quota";
import type { FilesSearch } from "./search";
import { useTray } from "./tray";
import { Trash } from "./trash";
import { useFileList, useFileNews, useFolders } from "./use-files";

interface FileBrowserProps {
  view: RoomView;
  /** What the room is called. */
  title: string;
  canEdit: boolean;
  canManage: boolean;
  search: FilesSearch;
  /** Shows something else; `replace` leaves no trace in the history. */
  onSearch: (change: FilesSearch, replace?: boolean) => void;
}

/** A room's files: folders, search, the trash, and beside them the file that is open. */
export function FileBrowser(props: FileBrowserProps) {
  const { view, title, canEdit, search, onSearch } = props;
  const tray = useTray();
  useFileNews(view.id);
  const { folder = "" } = search;
  const upload = (picked: Picked[]) => tray.add(picked, { room: view.id, folder });
  const open = (file: FileInfo) => onSearch({ file: file.id }, search.file !== undefined);
  return (
    <div className="flex min-h-0 flex-1">
      <DropZone
        label={`Drop to upload to ${folder || title}`}
        disabled={!canEdit}
        className="flex min-w-0 flex-1 flex-col"
        onPick={upload}
      >
        <section aria-label="Files" className="flex min-h-0 flex-1 flex-col">
          <Toolbar {...props} onUpload={upload} />
          <div className="min-h-0 flex-1 overflow-y-auto pb-16">
            <Content {...props} onOpen={open} onUpload={upload} />
          </div>
          <QuotaMeter room={view.id} />
        </section>
      </DropZone>
      {search.file && (
        <FilePanel
          key={search.file}
          fileId={search.file}
          view={view}
          onClose={() => onSearch({ file: undefined })}
          onOpen={(file) => onSearch({ file }, true)}
        />
      )}
    </div>
  );
}

function Toolbar({
  search,
  canEdit,
  onSearch,
  onUpload,
}: Pick<FileBrowserProps, "search" | "canEdit" | "onSearch"> & { onUpload: (picked: Picked[]) => void }) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b px-4 py-2">
      <SearchField
        label="Search files"
        placeholder="Search names and texts"
        value={search.q ?? ""}
        onChange={(q) => onSearch({ q: q || undefined }, true)}
      />
      <Select
        aria-label="Kind"
        className="h-8! w-auto!"
        value={search.kind ?? ""}
        onChange={({ target }) =>
          onSearch({ kind: (target.value || undefined) as ContentKind | undefined }, true)
        }
      >
        <option value="">Every kind</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {KIND_NAMES[kind]}
          </option>
        ))}
      </Select>
      <span className="ml-auto flex gap-1.5">
        <Button
          size="sm"
          look="ghost"
          aria-pressed={search.trash ?? false}
          className="aria-pressed:bg-pressed aria-pressed:text-ink"
          onClick={() => onSearch({ trash: search.trash ? undefined : true, file: undefined })}
        >
          <Trash2 aria-hidden className="size-3.5" /> Trash
        </Button>
        {canEdit && <UploadButton onPick={onUpload} />}
      </span>
    </div>
  );
}

type ContentProps = FileBrowserProps & {
  onOpen: (file: FileInfo) => void;
  onUpload: (picked: Picked[]) => void;
};

function Content(props: ContentProps) {
  const { view, search, onOpen } = props;
  const query = useDeferredValue(search.q?.trim() ?? "");
  if (search.trash) return <Trash view={view} canEdit={props.canEdit} canManage={props.canManage} />;
  if (query !== "" || search.kind)
    return (
      <>
        <Found {...props} query={query} />
        {query !== "" && <FoundInText room={view.id} query={query} kind={search.kind} onOpen={onOpen} />}
      </>
    );
  return <Inside {...props} />;
}

/** What is in a folder. */
function Inside(props: ContentProps) {
  const { view, search, canEdit, onSearch, onOpen } = props;
  const { folder = "", sort = "name", down = false } = search;
  const online = useIsOnline();
  const { nameOf } = usePeopleOf(view);
  const files = useFileList(view.id, { folder, sort, descending: down });
  const folders = useFolders(view.id, folder);
  const shown = files.data?.pages.flatMap((page) => page.items);
  const onSort = ({ sort: by, descending }: Sorting) =>
    onSearch({ sort: by, down: descending || undefined }, true);
  if (!shown || !folders.data) {
    const error = files.error ?? folders.error;
    if (!online) return <OfflineEmpty />;
    if (!error) return <SkeletonRows />;
    const again = () => void Promise.all([files.refetch(), folders.refetch()]);
    return <Failed message={messageOf(error)} onRetry={again} />;
  }
  const empty = shown.length + folders.data.length === 0;
  return (
    <>
      <Breadcrumbs folder={folder} onFolder={(path) => onSearch({ folder: path || undefined })} />
      {empty && folder === "" ? (
        <NoFiles canEdit={canEdit} onUpload={props.onUpload} />
      ) : empty ? (
        <Empty icon={FolderOpen} title="Nothing is in this folder">
          A folder is there as long as a file is in it.
        </Empty>
      ) : (
        <FileTable
          label={folder ? `Files in ${folder}` : "Files"}
          files={shown}
          folders={folders.data}
          sorting={{ sort, descending: down, onSort }}
          selected={search.file}
          nameOf={nameOf}
          onOpen={onOpen}
          onFolder={(path) => onSearch({ folder: path })}
          action={(file) => <FileMenu file={file} canEdit={canEdit} />}
        />
      )}
      <More list={files} />
    </>
  );
}

/** Files of the whole room, by their names and kind. */
function Found(props: ContentProps & { query: string }) {
  const { view, search, query, canEdit, onSearch, onOpen } = props;
  const { kind, sort = "name", down = false } = search;
  const { nameOf } = usePeopleOf(view);
  const filter = { ...(query && { query }), ...(kind && { kind }), sort, descending: down };
  const files = useFileList(view.id, filter);
  const shown = files.data?.pages.flatMap((page) => page.items);
  if (!shown)
    return files.isError ? (
      <Failed message={messageOf(files.error)} onRetry={() => void files.refetch()} />
    ) : (
      <SkeletonRows rows={3} />
    );
  if (shown.length === 0)
    return query === "" ? (
      <Empty icon={FileSearch} title="There are no files of this kind" />
    ) : (
      <p className="px-4 py-3 text-sm text-ink-3">No file’s name has “{query}” in it.</p>
    );
  return (
    <>
      <FileTable
        label="Files found by name"
        files={shown}
        placed
        sorting={{
          sort,
          descending: down,
          onSort: (by) => onSearch({ sort: by.sort, down: by.descending || undefined }, true),
        }}
        selected={search.file}
        nameOf={nameOf}
        onOpen={onOpen}
        action={(file) => <FileMenu file={file} canEdit={canEdit} />}
      />
      <More list={files} />
    </>
  );
}

function More({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}) {
  if (!list.hasNextPage) return null;
  return (
    <div className="flex justify-center py-3">
      <Button look="ghost" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        More files
      </Button>
    </div>
  );
}

function NoFiles({ canEdit, onUpload }: { canEdit: boolean; onUpload: (picked: Picked[]) => void }) {
  return (
    <Empty icon={Files} title="No files yet" action={canEdit && <UploadButton onPick={onUpload} />}>
      {canEdit
        ? "Drop files or whole folders here. Every version is kept, read and findable."
        : "What others upload appears here."}
    </Empty>
  );
}

function Breadcrumbs({ folder, onFolder }: { folder: string; onFolder: (path: string) => void }) {
  const path = pathOf(folder);
  if (path.length === 0) return null;
  return (
    <nav aria-label="Folder" className="border-b px-4 py-2">
      <ol className="flex flex-wrap items-center gap-1 text-sm">
        <li>
          <button
            type="button"
            onClick={() => onFolder("")}
            className="rounded-sm text-ink-2 hover:text-ink hover:underline"
          >
            Files
          </button>
        </li>
        {path.map((step, index) => (
          <li key={step.path} className="flex min-w-0 items-center gap-1">
            <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-3" />
            {index === path.length - 1 ? (
              <span aria-current="location" className="truncate font-medium">
                {step.name}
              </span>
            ) : (
              <button
                type="button"
                onClick={() => onFolder(step.path)}
                className="truncate rounded-sm text-ink-2 hover:text-ink hover:underline"
              >
                {step.name}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
