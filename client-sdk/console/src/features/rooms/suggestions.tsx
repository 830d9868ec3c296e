import { type RefObject, type SyntheticEvent, useEffect, useId, useRef, useState } from "react";

import { useMe } from "#/app/client";
import { Avatar } from "#/ui/avatar";

import { complete, handlesOf, mentionAt, type Person, suggest } from "./mentions";

/** Completes the mention that is being written at the caret of a text box. */
export function useMentions(
  area: RefObject<HTMLTextAreaElement | null>,
  text: string,
  change: (text: string) => void,
  people: readonly Person[],
) {
  const me = useMe();
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const mention = mentionAt(text, caret);
  const others = people.filter((person) => person.id !== me.id);
  const found = mention && mention.start !== dismissed ? suggest(others, mention.query) : [];
  const at = Math.min(active, found.length - 1);
  const chosen = found[at];
  const placeCaret = useCaret(area, text);
  const pick = (person: Person) => {
    if (!mention) return;
    const done = complete(text, caret, mention, handlesOf(people).get(person.id) ?? person.name);
    change(done.draft);
    setCaret(done.caret);
    setActive(0);
    placeCaret(done.caret);
  };
  /** Whether the key was for the list. */
  const onKey = (key: string): boolean => {
    if (!chosen) return false;
    if (key === "ArrowDown") setActive((at + 1) % found.length);
    else if (key === "ArrowUp") setActive((at - 1 + found.length) % found.length);
    else if (key === "Enter" || key === "Tab") pick(chosen);
    else if (key === "Escape") setDismissed(mention?.start ?? null);
    else return false;
    return true;
  };
  const combobox = {
    role: "combobox",
    "aria-expanded": found.length > 0,
    "aria-controls": id,
    "aria-autocomplete": "list",
    "aria-activedescendant": chosen && `${id}-${chosen.id}`,
    onSelect: (event: SyntheticEvent<HTMLTextAreaElement>) => setCaret(event.currentTarget.selectionStart),
  } as const;
  return { id, found, chosen, handles: handlesOf(people), pick, onKey, combobox };
}

/** Puts the caret somewhere once the text has changed. */
function useCaret(area: RefObject<HTMLTextAreaElement | null>, text: string): (caret: number) => void {
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    area.current?.focus();
    area.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  }, [area, text]);
  return (caret) => {
    wanted.current = caret;
  };
}

type SuggestionsProps = Pick<ReturnType<typeof useMentions>, "id" | "found" | "chosen" | "handles" | "pick">;

export function Suggestions({ id, found, chosen, handles, pick }: SuggestionsProps) {
  if (found.length === 0) return null;
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="People to mention"
      className="absolute bottom-full left-0 z-20 mb-1.5 w-72 max-w-full animate-pop rounded-lg bg-raised p-1 shadow-pop"
    >
      {found.map((person) => (
        <li
          key={person.id}
          id={`${id}-${person.id}`}
          role="option"
          aria-selected={person.id === chosen?.id}
          onPointerDown={(event) => {
            event.preventDefault();
            pick(person);
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
