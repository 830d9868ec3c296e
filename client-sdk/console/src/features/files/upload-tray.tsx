import type { UploadProgress } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { Check, ChevronDown, ChevronUp, CircleAlert, Pause, Play, RotateCw, Undo2, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

import { messageOf } from "#/app/errors";
import { bytesOf, durationOf, percentOf } from "#/ui/amounts";
import { Button, IconButton } from "#/ui/button";
import { Meter } from "#/ui/meter";

import { type Entry, isNameTaken, isOpen, useEntries, useTray } from "./tray";
import { useFileChange } from "./use-files";

/** How long the tray stays unfolded once everything is through, so that it covers nothing for long. */
const FOLD_MS = 8_000;

/** The uploads of this window, over all pages, until one clears them away. */
export function UploadTray() {
  const tray = useTray();
  const entries = useEntries();
  // Folded as far as this upload: another one unfolds it.
  const [foldedAt, setFoldedAt] = useState<number | null>(null);
  const newest = entries.at(-1)?.id ?? null;
  const folded = foldedAt === newest;
  const open = entries.filter(isOpen).length;
  const failed = entries.filter(({ state }) => state === "failed").length;
  const settled = open === 0 && failed === 0;
  useEffect(() => {
    if (!settled) return;
    const timer = setTimeout(() => setFoldedAt(newest), FOLD_MS);
    return () => clearTimeout(timer);
  }, [settled, newest]);
  if (entries.length === 0) return null;
  return (
    <section
      aria-label="Uploads"
      className="fixed right-3 bottom-3 z-30 flex w-[calc(100vw-1.5rem)] max-w-96 animate-rise flex-col overflow-hidden rounded-xl bg-raised shadow-pop md:right-5 md:bottom-5"
    >
      <header className="flex h-11 items-center gap-1 pr-1.5 pl-4">
        <h2 aria-live="polite" className="flex-1 text-sm font-semibold">
          {titleOf(entries.length, open, failed)}
        </h2>
        <IconButton
          label={folded ? "Show uploads" : "Fold uploads"}
          aria-expanded={!folded}
          onClick={() => setFoldedAt(folded ? null : newest)}
        >
          {folded ? <ChevronUp /> : <ChevronDown />}
        </IconButton>
        {open === 0 && (
          <IconButton label="Clear uploads" onClick={() => tray.clear()}>
            <X />
          </IconButton>
        )}
      </header>
      {!folded && (
        <ul className="max-h-[min(18rem,35vh)] overflow-y-auto border-t" aria-label="Uploads, one by one">
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

function titleOf(all: number, open: number, failed: number): string {
  if (open > 0) return open === 1 ? "Uploading 1 file" : `Uploading ${open} files`;
  if (failed > 0) return failed === 1 ? "1 upload failed" : `${failed} uploads failed`;
  return all === 1 ? "1 file uploaded" : `${all} files uploaded`;
}

const NOTHING = () => () => undefined;

function Row({ entry }: { entry: Entry }) {
  const { upload, state } = entry;
  const progress = useSyncExternalStore(upload?.progress.subscribe ?? NOTHING, () => upload?.progress.get());
  const running = state === "running" && progress !== undefined;
  return (
    <li data-upload={entry.name} className="border-b px-4 py-2.5 last:border-0">
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1">
          <p className="truncate text-sm font-medium" title={entry.name}>
            {entry.made ? (
              <Link to="/files/$fileId" params={{ fileId: entry.made.id }} className="hover:underline">
                {entry.made.name}
              </Link>
            ) : (
              entry.name
            )}
          </p>
          <p className={state === "failed" ? "text-xs text-danger" : "text-xs text-ink-3 tabular"}>
            {running ? wordsFor(progress) : outcomeOf(entry)}
          </p>
        </div>
        <Controls entry={entry} progress={progress} />
      </div>
      {running && (
        <div className="mt-1.5">
          <Meter
            label={`Upload of ${entry.name}`}
            share={
              progress.phase === "preparing" ? null : entry.bytes === 0 ? 1 : progress.bytes / entry.bytes
            }
            tone={progress.phase === "waiting" ? "warn" : "accent"}
          />
        </div>
      )}
      {state === "failed" && isNameTaken(entry) && <NameTaken entry={entry} />}
    </li>
  );
}

/** How far it is, how fast it goes and how long it takes. */
function wordsFor({ phase, bytes, total, rate, secondsLeft, error }: UploadProgress): string {
  const share = total ? percentOf(bytes / total) : "";
  switch (phase) {
    case "preparing":
      return "Preparing";
    case "paused":
      return `Paused at ${share || bytesOf(bytes)}`;
    case "waiting":
      return `Trying again. ${error?.message ?? ""}`;
    case "done":
    case "failed":
      return "";
    case "sending":
      return [
        total === null ? bytesOf(bytes) : `${bytesOf(bytes)} of ${bytesOf(total)}`,
        rate > 0 && `${bytesOf(rate)}/s`,
        rate > 0 && secondsLeft !== null && secondsLeft >= 1 && `${durationOf(Math.ceil(secondsLeft))} left`,
      ]
        .filter(Boolean)
        .join(", ");
  }
}

function outcomeOf({ state, made, bytes, error }: Entry): string {
  if (state === "queued") return `Waits its turn, ${bytesOf(bytes)}`;
  if (state === "failed") return messageOf(error);
  if (made === null) return "";
  const where = made.folder ? `, in ${made.folder}` : "";
  return made.number > 1 ? `Version ${made.number}${where}` : `${bytesOf(made.bytes)}${where}`;
}

function Controls({ entry, progress }: { entry: Entry; progress: UploadProgress | undefined }) {
  const tray = useTray();
  const { upload, state, name } = entry;
  if (state === "done") return <Done entry={entry} />;
  return (
    <span className="flex shrink-0">
      {state === "running" &&
        upload &&
        (progress?.phase === "paused" ? (
          <IconButton label={`Resume ${name}`} onClick={() => upload.resume()}>
            <Play />
          </IconButton>
        ) : (
          <IconButton label={`Pause ${name}`} onClick={() => upload.pause()}>
            <Pause />
          </IconButton>
        ))}
      {state === "failed" && mayRetry(entry) && (
        <IconButton label={`Try ${name} again`} onClick={() => tray.retry(entry.id)}>
          <RotateCw />
        </IconButton>
      )}
      <IconButton
        label={state === "failed" ? `Remove ${name}` : `Cancel ${name}`}
        onClick={() => tray.cancel(entry.id)}
      >
        {state === "failed" ? <CircleAlert className="text-danger" /> : <X />}
      </IconButton>
    </span>
  );
}

function mayRetry(entry: Entry): boolean {
  return !isNameTaken(entry) && !isYmeraError(entry.error, "too_large");
}

/** A version that was made because the name was taken can be taken back. */
function Done({ entry: { made, name, target } }: { entry: Entry }) {
  const { run } = useFileChange();
  const [undone, setUndone] = useState(false);
  if (made === null || made.number < 2 || target.fileId || undone)
    return <Check aria-label="uploaded" className="mx-1.5 size-4 text-good" />;
  const undo = () => {
    setUndone(true);
    run(
      (client) => client.call("file.restore", { file_id: made.id, number: made.number - 1 }),
      "The version before could not be restored",
    );
  };
  return (
    <Button size="sm" look="ghost" onClick={undo}>
      <Undo2 aria-hidden className="size-3.5" /> Undo
      <span className="sr-only"> the new version of {name}</span>
    </Button>
  );
}

function NameTaken({ entry: { id } }: { entry: Entry }) {
  const tray = useTray();
  return (
    <div className="mt-1.5 flex gap-1.5">
      <Button size="sm" onClick={() => tray.retry(id, "version")}>
        New version
      </Button>
      <Button size="sm" onClick={() => tray.retry(id, "rename")}>
        Keep both
      </Button>
    </div>
  );
}
