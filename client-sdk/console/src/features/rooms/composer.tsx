import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

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
  onSend: (text: string) => void;
  onCancel?: () => void;
  onTyping?: () => void;
  /** The arrow key upwards in an empty box. */
  onUp?: () => void;
}

const MAX_TEXT = 20_000;
const MAX_DRAFTS = 100;
const drafts = new Map<string, string>();

function keepDraft(key: string | undefined, text: string): void {
  if (!key) return;
  drafts.delete(key);
  if (text) drafts.set(key, text);
  const oldest = drafts.keys().next().value;
  if (drafts.size > MAX_DRAFTS && oldest !== undefined) drafts.delete(oldest);
}

/** Where one writes: Markdown, with mentions completed at the caret. */
export function Composer(props: ComposerProps) {
  const { people, draftKey } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() =>
    props.initial === undefined ? (drafts.get(draftKey ?? "") ?? "") : toDraft(props.initial, people),
  );
  const change = (next: string) => {
    setText(next);
    keepDraft(draftKey, next);
  };
  const mentions = useMentions(area, text, change, people);
  useEffect(() => {
    if (props.focused) area.current?.focus();
  }, [props.focused]);
  const send = () => {
    const trimmed = text.trim();
    if (!trimmed) return;
    props.onSend(toWire(trimmed, people));
    change("");
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
    <div className="relative">
      <Suggestions {...mentions} />
      <div className="flex items-end gap-1 rounded-lg border border-line-strong/80 bg-raised py-1 pr-1 pl-3 shadow-card transition-colors duration-100 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <TextArea
          bare
          ref={area}
          aria-label={props.label}
          {...mentions.combobox}
          placeholder={props.placeholder}
          value={text}
          maxLength={MAX_TEXT}
          minRows={props.lines ? 2 : 1}
          maxRows={12}
          onChange={(event) => {
            change(event.target.value);
            props.onTyping?.();
          }}
          onKeyDown={onKeyDown}
          className="py-1 text-base"
        />
        <IconButton
          label={props.initial === undefined ? "Send" : "Save"}
          keys={props.lines ? "mod+enter" : "enter"}
          onClick={send}
          disabled={!text.trim()}
          className="text-accent!"
        >
          <SendHorizontal />
        </IconButton>
      </div>
    </div>
  );
}
