import type { FileInfo, Message, MessageFile } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { CircleAlert, Download, X } from "lucide-react";
import { useState, useSyncExternalStore } from "react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { bytesOf, percentOf } from "#/ui/amounts";
import { IconButton } from "#/ui/button";
import { Meter } from "#/ui/meter";

import { useSave } from "./download";
import { KindIcon } from "./kind-icon";
import { Tray, type UploadEntry } from "./tray";
import { useFile } from "./use-files";
import { usePreview, useSeen } from "./use-preview";

/** Where files go that are attached to messages. */
export const ATTACHMENTS = "Attachments";
const MAX_DRAFTS = 100;
const drafts = new Map<string, Tray>();

/** The files that a message being written will have, kept while one looks elsewhere. */
export function useAttachments(key: string): { tray: Tray; entries: readonly UploadEntry[] } {
  const client = useClient();
  const [tray] = useState(() => {
    const kept = drafts.get(key) ?? new Tray(client);
    drafts.delete(key);
    drafts.set(key, kept);
    const oldest = drafts.keys().next().value;
    if (drafts.size > MAX_DRAFTS && oldest !== undefined) drafts.delete(oldest);
    return kept;
  });
  return { tray, entries: useSyncExternalStore(tray.subscribe, tray.get) };
}

/** A file as the messages show it that it is attached to. */
export function asAttached({ id, name, bytes, media_type, kind }: FileInfo): MessageFile {
  return { id, name, bytes, media_type, kind };
}

/** Files on their way into a message. */
export function Attaching({ tray, entries }: { tray: Tray; entries: readonly UploadEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-1.5 px-0.5 pb-1.5">
      {entries.map((entry) => (
        <AttachingRow key={entry.id} entry={entry} onRemove={() => tray.cancel(entry.id)} />
      ))}
    </ul>
  );
}

const NOTHING = () => () => undefined;

function AttachingRow({ entry, onRemove }: { entry: UploadEntry; onRemove: () => void }) {
  const { name, bytes, state, move, made, error } = entry;
  const progress = useSyncExternalStore(move?.progress.subscribe ?? NOTHING, () => move?.progress.get());
  const share = bytes === 0 ? 1 : (progress?.bytes ?? 0) / bytes;
  return (
    <li
      data-attaching={name}
      className="flex w-56 items-center gap-2 rounded-md border bg-panel py-1 pr-1 pl-2.5 text-xs"
    >
      {state === "failed" ? (
        <CircleAlert aria-hidden className="size-4 shrink-0 text-danger" />
      ) : (
        <KindIcon kind={made?.kind ?? "other"} className="size-4" />
      )}
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={name}>
          {name}
        </p>
        {state === "failed" ? (
          <p role="alert" className="truncate text-danger" title={messageOf(error)}>
            {messageOf(error)}
          </p>
        ) : state === "done" ? (
          <p className="text-ink-3">{bytesOf(bytes)}</p>
        ) : (
          <Meter label={`Upload of ${name}`} share={share} words={percentOf(share)} />
        )}
      </div>
      <IconButton size="xs" label={`Remove ${name}`} onClick={onRemove}>
        <X />
      </IconButton>
    </li>
  );
}

/** The files of a message. */
export function Attachments({ message }: { message: Message }) {
  const { files = [] } = message;
  if (files.length === 0 || message.deleted) return null;
  return (
    <ul aria-label="Attachments" className="mt-1 flex flex-wrap gap-2">
      {files.map((file) => (
        <li key={file.id} className="max-w-full">
          <Attachment room={message.room} file={file} />
        </li>
      ))}
    </ul>
  );
}

function Attachment({ room, file }: { room: string; file: MessageFile }) {
  const save = useSave();
  const details = useFile(file.id);
  const gone = isYmeraError(details.error, "not_found");
  const now = details.data?.file;
  if (gone || now?.purge_at)
    return (
      <p className="flex items-center gap-2 rounded-lg border border-dashed px-3 py-2 text-xs text-ink-3">
        <KindIcon kind={file.kind} className="size-4" /> {file.name} is not there any more
      </p>
    );
  return (
    <div className="w-64 max-w-full overflow-hidden rounded-lg border bg-raised">
      {file.kind === "image" && now?.analysis === "done" && !now.held && (
        <Picture file={file} number={now.number} />
      )}
      <div className="flex items-center gap-2 py-1.5 pr-1.5 pl-2.5">
        <KindIcon kind={file.kind} className="size-4.5" />
        <div className="min-w-0 flex-1 text-xs">
          <Link
            to="/files/$fileId"
            params={{ fileId: file.id }}
            title={file.name}
            className="block truncate rounded-sm font-medium hover:underline"
          >
            {file.name}
          </Link>
          <span className="text-ink-3">
            {now?.held ? "Held: nobody can download it" : bytesOf(file.bytes)}
          </span>
        </div>
        <IconButton
          label={`Download ${file.name}`}
          disabled={Boolean(now?.held)}
          onClick={() => save(room, file)}
        >
          <Download />
        </IconButton>
      </div>
    </div>
  );
}

/** Takes its room before the picture is there, so that nothing jumps. */
function Picture({ file, number }: { file: MessageFile; number: number }) {
  const { ref, seen } = useSeen<HTMLAnchorElement>();
  const url = usePreview(file.id, number, seen ? "thumbnail" : null);
  return (
    <Link
      ref={ref}
      to="/files/$fileId"
      params={{ fileId: file.id }}
      tabIndex={-1}
      aria-hidden
      className="flex h-36 items-center justify-center border-b bg-sunken"
    >
      {url && <img src={url} alt="" className="size-full object-cover" />}
    </Link>
  );
}
