import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import { useMe } from "#/app/client";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { TextArea } from "#/ui/field";

import { complete, handlesOf, mentionAt, type Person, suggest, toDraft, toWire } from "./mentions";

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
  const me = useMe();
  const { people, draftKey, onSend } = props;
  const listId = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() =>
    props.initial === undefined ? (drafts.get(draftKey ?? "") ?? "") : toDraft(props.initial, people),
  );
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const pending = useRef<number | null>(null);
  const mention = mentionAt(text, caret);
  const found =
    mention && mention.start !== dismissed
      ? suggest(
          people.filter(({ id }) => id !== me.id),
          mention.query,
        )
      : [];
  const chosen = found[Math.min(active, found.length - 1)];

  useEffect(() => {
    if (pending.current === null) return;
    area.current?.setSelectionRange(pending.current, pending.current);
    pending.current = null;
  }, [text]);

  useEffect(() => {
    if (props.focused) area.current?.focus();
  }, [props.focused]);

  const change = (next: string) => {
    setText(next);
    keepDraft(draftKey, next);
    setActive(0);
  };
  const insert = (person: Person) => {
    if (!mention) return;
    const done = complete(text, caret, mention, handlesOf(people).get(person.id) ?? person.name);
    change(done.draft);
    setCaret(done.caret);
    pending.current = done.caret;
    area.current?.focus();
  };
  const send = () => {
    const trimmed = text.trim();
    if (!trimmed) return;
    onSend(toWire(trimmed, people));
    change("");
  };
  const onListKey = (event: KeyboardEvent): boolean => {
    if (found.length === 0) return false;
    if (event.key === "ArrowDown") setActive((active + 1) % found.length);
    else if (event.key === "ArrowUp") setActive((active - 1 + found.length) % found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) insert(chosen);
    else if (event.key === "Escape") setDismissed(mention?.start ?? null);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const mod = event.metaKey || event.ctrlKey;
    if (onListKey(event)) {
      event.stopPropagation();
    } else if (event.key === "Enter" && (props.lines ? mod : !event.shiftKey)) {
      send();
    } else if (event.key === "Escape" && props.onCancel) {
      event.stopPropagation();
      props.onCancel();
    } else if (event.key === "ArrowUp" && !text && props.onUp) {
      props.onUp();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="relative">
      {found.length > 0 && (
        <Suggestions
          id={listId}
          people={found}
          active={chosen?.id}
          handles={handlesOf(people)}
          onPick={insert}
        />
      )}
      <div className="flex items-end gap-1 rounded-lg border border-line-strong/80 bg-raised py-1 pr-1 pl-3 shadow-card transition-colors duration-100 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <TextArea
          bare
          ref={area}
          role="combobox"
          aria-label={props.label}
          aria-expanded={found.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={chosen && found.length > 0 ? `${listId}-${chosen.id}` : undefined}
          placeholder={props.placeholder}
          value={text}
          maxLength={MAX_TEXT}
          minRows={props.lines ? 2 : 1}
          maxRows={12}
          onChange={(event) => {
            change(event.target.value);
            setCaret(event.target.selectionStart);
            props.onTyping?.();
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
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

interface SuggestionsProps {
  id: string;
  people: readonly Person[];
  active: string | undefined;
  handles: ReadonlyMap<string, string>;
  onPick: (person: Person) => void;
}

function Suggestions({ id, people, active, handles, onPick }: SuggestionsProps) {
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="People to mention"
      className="absolute bottom-full left-0 z-20 mb-1.5 w-72 max-w-full animate-pop rounded-lg bg-raised p-1 shadow-pop"
    >
      {people.map((person) => (
        <li
          key={person.id}
          id={`${id}-${person.id}`}
          role="option"
          aria-selected={person.id === active}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(person);
          }}
          className="flex h-8 items-center gap-2 rounded-md px-2 text-sm aria-selected:bg-hover"
        >
          <Avatar id={person.id} name={person.name} size="xs" />
          <span className="truncate">{handles.get(person.id) ?? person.name}</span>
        </li>
      ))}
    </ul>
  );
}
