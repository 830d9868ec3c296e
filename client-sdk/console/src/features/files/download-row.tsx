import { isYmeraError, type Progress } from "@ymera/client";
import { Check, CircleAlert, RotateCw, X } from "lucide-react";
import { useSyncExternalStore } from "react";

import { act, messageOf } from "#/app/errors";
import { bytesOf } from "#/ui/amounts";
import { IconButton } from "#/ui/button";

import { type DownloadEntry, useDownloads } from "./downloads";
import { paceOf, TransferRow } from "./transfer-row";

const NOTHING = () => () => undefined;

/** A file of an encrypted room that comes down. */
export function DownloadRow({ entry }: { entry: DownloadEntry }) {
  const { name, state, move } = entry;
  const progress = useSyncExternalStore(
    move?.progress.subscribe ?? NOTHING,
    () => move?.progress.get() ?? null,
  );
  const share = progress?.total ? progress.bytes / progress.total : null;
  return (
    <li data-download={name} className="border-b px-4 py-2.5 last:border-0">
      <TransferRow
        name={name}
        words={wordsFor(entry, progress)}
        failed={state === "failed"}
        controls={<Controls entry={entry} />}
        meter={state === "running" ? { label: `Download of ${name}`, share } : null}
      />
    </li>
  );
}

function wordsFor({ state, bytes, error }: DownloadEntry, progress: Progress | null): string {
  if (state === "queued") return `Waits its turn, ${bytesOf(bytes)}`;
  if (state === "failed") return failureOf(error);
  if (state === "done") return bytesOf(bytes);
  if (progress === null) return "Preparing";
  // Some browsers look at what was written before they let it stand.
  return progress.bytes === progress.total ? "Finishing" : paceOf(progress);
}

function failureOf(error: unknown): string {
  const spoilt = isYmeraError(error, "invalid") && String(error.data["fault"]).startsWith("file_");
  return spoilt ? "What came is not what was sent. Nothing of it was kept." : messageOf(error);
}

function Controls({ entry }: { entry: DownloadEntry }) {
  const downloads = useDownloads();
  const { id, name, state } = entry;
  if (state === "done") return <Check aria-label="downloaded" className="mx-1.5 size-4 text-good" />;
  const failed = state === "failed";
  const retry = () => act(downloads.retry(entry), `${name} could not be downloaded`);
  return (
    <span className="flex shrink-0">
      {failed && (
        <IconButton label={`Try ${name} again`} onClick={retry}>
          <RotateCw />
        </IconButton>
      )}
      <IconButton label={failed ? `Remove ${name}` : `Cancel ${name}`} onClick={() => downloads.cancel(id)}>
        {failed ? <CircleAlert className="text-danger" /> : <X />}
      </IconButton>
    </span>
  );
}
