import type { FileInfo, FileSort, FolderInfo } from "@ymera/client";
import clsx from "clsx";
import { ArrowDown, ArrowUp, Folder } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";

import { bytesOf } from "#/ui/amounts";
import { agoOf, momentOf } from "#/ui/dates";

import { FileBadges } from "./badges";
import { Thumbnail } from "./kind-icon";
import { folderName, SORT_NAMES } from "./names";
import { QualityChip } from "./quality";

export interface Sorting {
  sort: FileSort;
  descending: boolean;
}

interface FileTableProps {
  label: string;
  files: readonly FileInfo[];
  folders?: readonly FolderInfo[];
  sorting?: Sorting & { onSort: (sorting: Sorting) => void };
  /** True: says in which folder each file is. */
  placed?: boolean;
  selected?: string | undefined;
  nameOf: (id: string) => string;
  onOpen: (file: FileInfo) => void;
  onFolder?: (path: string) => void;
  /** What stands at the end of a file's row. */
  action: (file: FileInfo) => ReactNode;
}

const WIDE = "hidden sm:table-cell";

/** Folders and files, one a row. The arrow keys walk through them. */
export function FileTable(props: FileTableProps) {
  const { files, folders = [], nameOf } = props;
  return (
    <table className="w-full table-fixed border-collapse text-left" onKeyDown={walkRows}>
      <caption className="sr-only">{props.label}</caption>
      <Head {...props} />
      <tbody>
        {folders.map((folder) => (
          <FolderRow key={folder.path} folder={folder} onFolder={props.onFolder} />
        ))}
        {files.map((file) => (
          <tr
            key={file.id}
            data-file={file.name}
            aria-selected={file.id === props.selected}
            className={clsx("group h-11 border-b hover:bg-hover", file.id === props.selected && "bg-hover")}
          >
            <th scope="row" className="py-1 pr-2 pl-4 font-normal">
              <span className="flex items-center gap-2.5">
                <Thumbnail file={file} />
                <span className="min-w-0">
                  <button
                    type="button"
                    data-walk
                    title={file.name}
                    onClick={() => props.onOpen(file)}
                    className="block max-w-full truncate rounded-sm text-left font-medium hover:underline"
                  >
                    {file.name}
                  </button>
                  {props.placed && file.folder && (
                    <span className="block truncate text-2xs text-ink-3">{file.folder}</span>
                  )}
                  <span className="block truncate text-2xs text-ink-3 sm:hidden">
                    {bytesOf(file.bytes)}, {agoOf(file.updated_at)}
                  </span>
                </span>
                <span className="hidden shrink-0 gap-1 sm:flex">
                  <FileBadges file={file} />
                </span>
              </span>
            </th>
            <td className={WIDE}>
              <QualityChip fileId={file.id} number={file.number} score={file.quality} />
            </td>
            <td className={`${WIDE} text-xs text-ink-2 tabular`}>{bytesOf(file.bytes)}</td>
            <td className={`${WIDE} pr-2 text-xs text-ink-2`}>
              <span title={momentOf(file.updated_at)} className="block truncate">
                {agoOf(file.updated_at)} <span className="text-ink-3">by {nameOf(file.updated_by)}</span>
              </span>
            </td>
            <td className="pr-2 text-right">{props.action(file)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FolderRow({ folder, onFolder }: { folder: FolderInfo; onFolder: FileTableProps["onFolder"] }) {
  const name = folderName(folder.path);
  return (
    <tr data-folder={name} className="h-11 border-b hover:bg-hover">
      <th scope="row" className="py-1 pr-2 pl-4 font-normal">
        <span className="flex items-center gap-2.5">
          <span aria-hidden className="flex size-7 shrink-0 items-center justify-center">
            <Folder className="size-4.5 fill-accent-soft text-accent" strokeWidth={1.75} />
          </span>
          <button
            type="button"
            data-walk
            aria-label={`${name}, folder`}
            onClick={() => onFolder?.(folder.path)}
            className="min-w-0 truncate rounded-sm font-medium hover:underline"
          >
            {name}
          </button>
        </span>
      </th>
      <td className={`${WIDE} text-xs text-ink-3`}>
        {folder.files} {folder.files === 1 ? "file" : "files"}
      </td>
      <td className={`${WIDE} text-xs text-ink-2 tabular`}>{bytesOf(folder.bytes)}</td>
      <td className={`${WIDE} text-xs text-ink-2`} title={momentOf(folder.updated_at)}>
        {agoOf(folder.updated_at)}
      </td>
      <td />
    </tr>
  );
}

function Head({ sorting }: Pick<FileTableProps, "sorting">) {
  return (
    <thead className="sticky top-0 z-1 bg-panel text-xs text-ink-3">
      <tr className="h-8 border-b">
        <Heading sort="name" sorting={sorting} className="pl-4" />
        <Heading sort="quality" sorting={sorting} className={`${WIDE} w-20`} />
        <Heading sort="bytes" sorting={sorting} className={`${WIDE} w-24`} />
        <Heading sort="updated_at" sorting={sorting} className={`${WIDE} w-52`} />
        <th scope="col" className="w-12">
          <span className="sr-only">Actions</span>
        </th>
      </tr>
    </thead>
  );
}

interface HeadingProps {
  sort: FileSort;
  sorting: FileTableProps["sorting"];
  className: string;
}

function Heading({ sort, sorting, className }: HeadingProps) {
  const active = sorting?.sort === sort;
  const Arrow = sorting?.descending ? ArrowDown : ArrowUp;
  if (!sorting)
    return (
      <th scope="col" className={`${className} font-medium`}>
        {SORT_NAMES[sort]}
      </th>
    );
  // The best, the largest and the newest are looked for more often than the last.
  const descending = active ? !sorting.descending : sort !== "name";
  return (
    <th
      scope="col"
      aria-sort={active ? (sorting.descending ? "descending" : "ascending") : "none"}
      className={className}
    >
      <button
        type="button"
        onClick={() => sorting.onSort({ sort, descending })}
        className="inline-flex items-center gap-1 rounded-sm font-medium hover:text-ink"
      >
        {SORT_NAMES[sort]}
        {active && <Arrow aria-hidden className="size-3" />}
      </button>
    </th>
  );
}

function walkRows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement)) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-walk]")];
  const row = event.target.closest("tr");
  const at = stops.findIndex((stop) => stop.closest("tr") === row);
  const next = at === -1 ? undefined : stops[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
