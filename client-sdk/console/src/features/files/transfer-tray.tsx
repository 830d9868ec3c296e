import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "#/ui/button";

import { DownloadRow } from "./download-row";
import { useDownloading, useDownloads } from "./downloads";
import { type AnyEntry, isOpen } from "./queue";
import { useTray, useUploads } from "./tray";
import { UploadRow } from "./upload-row";

/** How long the tray stays unfolded once everything is through, so that it covers nothing for long. */
const FOLD_MS = 8_000;

/** What this window sends and saves, over all pages, until one clears it away. */
export function TransferTray() {
  const tray = useTray();
  const downloads = useDownloads();
  const sent = useUploads();
  const saved = useDownloading();
  const entries: readonly AnyEntry[] = [...sent, ...saved];
  // Folded as far as this file: another one unfolds it.
  const [foldedAt, setFoldedAt] = useState<number | null>(null);
  const newest = entries.length === 0 ? null : Math.max(...entries.map(({ id }) => id));
  const folded = foldedAt === newest;
  const open = entries.some(isOpen);
  const settled = !open && !entries.some(hasFailed);
  const clear = () => {
    tray.clear();
    downloads.clear();
  };
  useEffect(() => {
    if (!settled) return;
    const timer = setTimeout(() => setFoldedAt(newest), FOLD_MS);
    return () => clearTimeout(timer);
  }, [settled, newest]);
  if (entries.length === 0) return null;
  return (
    <section
      aria-label="Transfers"
      className="fixed right-3 bottom-3 z-30 flex w-[calc(100vw-1.5rem)] max-w-96 animate-rise flex-col overflow-hidden rounded-xl bg-raised shadow-pop md:right-5 md:bottom-5"
    >
      <header className="flex h-11 items-center gap-1 pr-1.5 pl-4">
        <h2 aria-live="polite" className="flex-1 text-sm font-semibold">
          {titleOf(sent, saved)}
        </h2>
        <IconButton
          label={folded ? "Show transfers" : "Fold transfers"}
          aria-expanded={!folded}
          onClick={() => setFoldedAt(folded ? null : newest)}
        >
          {folded ? <ChevronUp /> : <ChevronDown />}
        </IconButton>
        {!open && (
          <IconButton label="Clear transfers" onClick={clear}>
            <X />
          </IconButton>
        )}
      </header>
      {!folded && (
        <ul className="max-h-[min(18rem,35vh)] overflow-y-auto border-t" aria-label="Transfers, one by one">
          {sent.map((entry) => (
            <UploadRow key={entry.id} entry={entry} />
          ))}
          {saved.map((entry) => (
            <DownloadRow key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

function hasFailed({ state }: AnyEntry): boolean {
  return state === "failed";
}

/** What is under way; if nothing is, what has failed, or else what was done. */
function titleOf(sent: readonly AnyEntry[], saved: readonly AnyEntry[]): string {
  const said =
    sentence(sent, saved, isOpen, (up, files) => `${up ? "uploading" : "downloading"} ${files}`) ||
    sentence(
      sent,
      saved,
      hasFailed,
      (up, _, count) => `${counted(count, up ? "upload" : "download")} failed`,
    ) ||
    sentence(
      sent,
      saved,
      () => true,
      (up, files) => `${files} ${up ? "uploaded" : "downloaded"}`,
    );
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** What is said of those of either kind; empty if there are none. */
function sentence(
  sent: readonly AnyEntry[],
  saved: readonly AnyEntry[],
  which: (entry: AnyEntry) => boolean,
  words: (up: boolean, files: string, count: number) => string,
): string {
  const counts = [sent, saved].map((entries) => entries.filter(which).length);
  const parts = counts.map((count, at) => count > 0 && words(at === 0, counted(count, "file"), count));
  return parts.filter(Boolean).join(", ");
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
