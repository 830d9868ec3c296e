import type { UploadProgress } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { Check, CircleAlert, Pause, Play, RotateCw, Undo2, X } from "lucide-react";
import { useState, useSyncExternalStore } from "react";

import { messageOf } from "#/app/errors";
import { bytesOf, percentOf } from "#/ui/amounts";
import { Button, IconButton } from "#/ui/button";

import { paceOf, TransferRow } from "./transfer-row";
import { isNameTaken, type UploadEntry, useTray } from "./tray";
import { useFileChange } from "./use-files";

const NOTHING = () => () => undefined;

/** A file that goes up. */
export function UploadRow({ entry }: { entry: UploadEntry }) {
  const { name, move, made, state } = entry;
  const progress = useSyncExternalStore(move?.progress.subscribe ?? NOTHING, () => move?.progress.get());
  const running = state === "running" && progress !== undefined;
  return (
    <li data-upload={name} className="border-b px-4 py-2.5 last:border-0">
      <TransferRow
        name={name}
        title={
          made && (
            <Link to="/files/$fileId" params={{ fileId: made.id }} className="hover:underline">
              {made.name}
            </Link>
          )
        }
        words={running ? wordsFor(progress) : outcomeOf(entry)}
        failed={state === "failed"}
        controls={<Controls entry={entry} progress={progress} />}
        meter={running ? meterOf(entry, progress) : null}
      >
        {state === "failed" && isNameTaken(entry) && <NameTaken entry={entry} />}
      </TransferRow>
    </li>
  );
}

function meterOf({ name, bytes }: UploadEntry, progress: UploadProgress) {
  return {
    label: `Upload of ${name}`,
    share: progress.phase === "preparing" ? null : bytes === 0 ? 1 : progress.bytes / bytes,
    tone: progress.phase === "waiting" ? ("warn" as const) : ("accent" as const),
  };
}

function wordsFor(progress: UploadProgress): string {
  const { phase, bytes, total, error } = progress;
  switch (phase) {
    case "preparing":
      return "Preparing";
    case "paused":
      return `Paused at ${total ? percentOf(bytes / total) : bytesOf(bytes)}`;
    case "waiting":
      return `Trying again. ${error?.message ?? ""}`;
    case "done":
    case "failed":
      return "";
    case "sending":
      return paceOf(progress);
  }
}

function outcomeOf({ state, made, bytes, error }: UploadEntry): string {
  if (state === "queued") return `Waits its turn, ${bytesOf(bytes)}`;
  if (state === "failed") return messageOf(error);
  if (made === null) return "";
  const where = made.folder ? `, in ${made.folder}` : "";
  return made.number > 1 ? `Version ${made.number}${where}` : `${bytesOf(made.bytes)}${where}`;
}

function Controls({ entry, progress }: { entry: UploadEntry; progress: UploadProgress | undefined }) {
  const tray = useTray();
  const { move, state, name } = entry;
  if (state === "done") return <Done entry={entry} />;
  return (
    <span className="flex shrink-0">
      {state === "running" &&
        move &&
        (progress?.phase === "paused" ? (
          <IconButton label={`Resume ${name}`} onClick={() => move.resume()}>
            <Play />
          </IconButton>
        ) : (
          <IconButton label={`Pause ${name}`} onClick={() => move.pause()}>
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

function mayRetry(entry: UploadEntry): boolean {
  return !isNameTaken(entry) && !isYmeraError(entry.error, "too_large");
}

/** A version that was made because the name was taken can be taken back. */
function Done({ entry: { made, name, job } }: { entry: UploadEntry }) {
  const { run } = useFileChange();
  const [undone, setUndone] = useState(false);
  if (made === null || made.number < 2 || job.target.fileId || undone)
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

function NameTaken({ entry: { id } }: { entry: UploadEntry }) {
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
