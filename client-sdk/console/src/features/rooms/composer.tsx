import type { MessageFile } from "@ymera/client";
import { Paperclip, SendHorizontal } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";

import { asAttached, Attaching, ATTACHMENTS, useAttachments } from "#/features/files/attachments";
import type { Picked } from "#/features/files/dropped";
import { DropZone, usePicker } from "#/features/files/drop-zone";
import { IconButton } from "#/ui/button";
import { TextArea } from "#/ui/field";

import { type Person, toDraft, toWire } from "./mentions";
import { Suggestions, useMentions } from "./suggestions";

interface ComposerProps {
  label: string;
  placeholder: string;
  /** Whom one can mention. */
  people: readonly Person[];
  /** What to start from: a message being edited. */
  initial?: string;
  /** Keeps the draft while one looks elsewhere. */
  draftKey?: string;
  /** True: Enter makes a new line, mod+Enter sends. */
  lines?: boolean;
  /** True: has just been asked for, and takes the focus. */
  focused?: boolean;
  /** Files can be attached, and go into this room. */
  room?: string;
  onSend: (text: string, files: readonly MessageFile[]) => void;
  onCancel?: () => void;
  onTyping?: () => void;
  /** The arrow key upwards in an empty box. */
  onUp?: () => void;
}

const MAX_TEXT = 20_000;
/** What the box takes, so that who pastes too much sees that it is, and loses nothing of it. */
const MAX_HELD = 10 * MAX_TEXT;
/** Files of one message, at most. */
const MAX_ATTACHED = 20;
const MAX_DRAFTS = 100;
const drafts = new Map<string, string>();

function keepDraft(key: string | undefined, text: string): void {
  if (!key) return;
  drafts.delete(key);
  if (text) drafts.set(key, text);
  const oldest = drafts.keys().next().value;
  if (drafts.size > MAX_DRAFTS && oldest !== undefined) drafts.delete(oldest);
}

/** Where one writes: Markdown, with mentions completed at the caret, and files where there is a room for them. */
export function Composer(props: ComposerProps) {
  const { people, draftKey, room } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() =>
    props.initial === undefined ? (drafts.get(draftKey ?? "") ?? "") : toDraft(props.initial, people),
  );
  const change = (next: string) => {
    setText(next);
    keepDraft(draftKey, next);
  };
  const mentions = useMentions(area, text, change, people);
  const { tray, entries } = useAttachments(draftKey ?? "");
  useEffect(() => {
    if (props.focused) area.current?.focus();
  }, [props.focused]);
  const made = entries.flatMap((entry) => entry.made ?? []);
  // What is still on its way is not to be left behind.
  const over = text.length > MAX_TEXT ? Array.from(text.trim()).length - MAX_TEXT : 0;
  const ready = made.length === entries.length && over <= 0 && (text.trim() !== "" || made.length > 0);
  const send = () => {
    if (!ready) return;
    props.onSend(toWire(text.trim(), people), made.map(asAttached));
    change("");
    tray.clear();
  };
  const attach = (picked: Picked[]) => {
    if (room === undefined) return;
    const free = Math.max(0, MAX_ATTACHED - entries.length);
    tray.add(
      picked.slice(0, free).map(({ file }) => ({ file, folder: "" })),
      { room, folder: ATTACHMENTS, conflict: "rename" },
    );
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const mod = event.metaKey || event.ctrlKey;
    if (mentions.onKey(event.key)) event.stopPropagation();
    else if (event.key === "Enter" && (props.lines ? mod : !event.shiftKey)) send();
    else if (event.key === "ArrowUp" && !text && props.onUp) props.onUp();
    else if (event.key === "Escape" && props.onCancel) {
      event.stopPropagation();
      props.onCancel();
    } else return;
    event.preventDefault();
  };
  return (
    <DropZone label="Drop to attach" disabled={room === undefined} onPick={attach}>
      <Suggestions {...mentions} />
      <Attaching tray={tray} entries={entries} />
      {over > 0 && (
        <p role="alert" className="px-1 pb-1.5 text-xs text-danger">
          {over.toLocaleString()} {over === 1 ? "character" : "characters"} too many: shorten it
          {room !== undefined && ", or attach it as a file"}.
        </p>
      )}
      <div className="flex items-end gap-1 rounded-lg border border-line-strong/80 bg-raised py-1 pr-1 pl-3 shadow-card transition-colors duration-100 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <TextArea
          bare
          ref={area}
          aria-label={props.label}
          {...mentions.combobox}
          placeholder={props.placeholder}
          value={text}
          maxLength={MAX_HELD}
          minRows={props.lines ? 2 : 1}
          maxRows={12}
          onChange={(event) => {
            change(event.target.value);
            props.onTyping?.();
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => pasteFiles(event, attach)}
          className="py-1 text-base"
        />
        {room !== undefined && <AttachButton onPick={attach} />}
        <IconButton
          label={props.initial === undefined ? "Send" : "Save"}
          keys={props.lines ? "mod+enter" : "enter"}
          onClick={send}
          disabled={!ready}
          className="text-accent!"
        >
          <SendHorizontal />
        </IconButton>
      </div>
    </DropZone>
  );
}

function AttachButton({ onPick }: { onPick: (picked: Picked[]) => void }) {
  const { inputs, pickFiles } = usePicker(onPick);
  return (
    <>
      {inputs}
      <IconButton label="Attach files" onClick={pickFiles}>
        <Paperclip />
      </IconButton>
    </>
  );
}

/** Files of the clipboard are attached; text is pasted as ever. */
function pasteFiles(event: ClipboardEvent, attach: (picked: Picked[]) => void): void {
  const files = [...event.clipboardData.files];
  if (files.length === 0) return;
  event.preventDefault();
  attach(files.map((file) => ({ file, folder: "" })));
}
