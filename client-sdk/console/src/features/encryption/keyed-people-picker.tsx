import { Info } from "lucide-react";

import { useDirectory, useIsOnline, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { PeoplePicker } from "#/features/members/people-picker";

import { useWhoHasKeys } from "./use-sealed";

interface Props {
  label: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Members who are there already. */
  without?: readonly string[];
}

/** People and agents for an encrypted room: those who have keys. Says who has none yet. */
export function KeyedPeoplePicker({ label, chosen, onChange, without = [] }: Props) {
  const me = useMe();
  const { people } = useDirectory();
  const others = people.filter(({ id, active }) => active && id !== me.id && !without.includes(id));
  const { keyed, error } = useWhoHasKeys(others.map(({ id }) => id));
  const online = useIsOnline();
  const missing = keyed ? others.filter(({ id }) => !keyed.has(id)) : [];
  return (
    <div className="flex flex-col gap-1.5">
      <PeoplePicker
        label={label}
        chosen={chosen}
        onChange={onChange}
        among={keyed ?? new Set()}
        without={without}
        empty={
          keyed || others.length === 0
            ? "Nobody else has keys yet."
            : online
              ? "Looking who has keys…"
              : OFFLINE
        }
      />
      {!keyed && error !== null && (
        <p role="alert" className="text-xs text-danger">
          {messageOf(error)}
        </p>
      )}
      {missing.length > 0 && (
        <p className="flex gap-1.5 text-xs text-ink-3">
          <Info aria-hidden className="mt-0.5 size-3 shrink-0" />
          <span>
            {namesOf(missing.map(({ name }) => name))} {missing.length === 1 ? "has" : "have"} no keys yet.
            People make them in Settings, Encryption; agents when they start with keys. Or send a link: it
            waits for them.
          </span>
        </p>
      )}
    </div>
  );
}

const OFFLINE = "Offline. Who has keys is seen once the server can be reached.";
const MAX_NAMED = 3;

function namesOf(names: readonly string[]): string {
  if (names.length <= MAX_NAMED) return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
  return `${names.slice(0, MAX_NAMED).join(", ")} and ${names.length - MAX_NAMED} others`;
}
