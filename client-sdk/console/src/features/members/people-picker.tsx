import { Plus, X } from "lucide-react";

import { useDirectory, useMe } from "#/app/client";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { Picker } from "#/ui/picker";

interface Props {
  label: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  limit?: number;
  /** Only these. */
  among?: ReadonlySet<string>;
  /** None of these. */
  without?: readonly string[];
  /** What to say where there is nobody to choose. */
  empty?: string;
}

/** Several members of the workspace, other than oneself. */
export function PeoplePicker({ label, chosen, onChange, limit = 200, among, without = [], empty }: Props) {
  const me = useMe();
  const { people, nameOf } = useDirectory();
  const offered = people.filter(
    ({ id, active }) => active && id !== me.id && (among?.has(id) ?? true) && !without.includes(id),
  );
  const toggle = (id: string) => {
    if (chosen.includes(id)) onChange(chosen.filter((other) => other !== id));
    else if (chosen.length < limit) onChange([...chosen, id]);
  };
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-1.5">
      <span className="text-xs font-medium text-ink-2">{label}</span>
      <div className="flex flex-wrap items-center gap-1.5">
        {chosen.map((id) => (
          <span
            key={id}
            className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-panel pr-1 pl-1.5 text-sm"
          >
            <Avatar id={id} name={nameOf(id)} size="xs" />
            {nameOf(id)}
            <button
              type="button"
              aria-label={`Take out ${nameOf(id)}`}
              onClick={() => toggle(id)}
              className="rounded-sm p-0.5 text-ink-3 hover:text-ink [&>svg]:size-3.5"
            >
              <X />
            </button>
          </span>
        ))}
        <Picker
          label={label}
          placeholder="Find people…"
          multiple
          selected={chosen}
          onPick={toggle}
          {...(empty && { empty })}
          options={offered.map((person) => ({
            value: person.id,
            label: person.name,
            icon: <Avatar id={person.id} name={person.name} size="xs" agent={person.kind === "agent"} />,
          }))}
          trigger={
            <Button size="sm">
              <Plus aria-hidden className="size-3.5" /> Add
            </Button>
          }
        />
      </div>
    </div>
  );
}
