import clsx from "clsx";
import { CircleSlash, EyeOff, History, Hourglass, Trash2 } from "lucide-react";
import { useId, useState } from "react";

import { timeOf } from "#/ui/dates";

import type { MarkGroup } from "./asides";
import { useNameOf } from "./use-sealed";
import { MARK_NAMES } from "./words";

const ICONS = {
  unreadable: EyeOff,
  waiting: Hourglass,
  before: History,
  void: CircleSlash,
  erased: Trash2,
};

/** In a timeline: something that was sent and is not shown like the rest, with the reason and the way out. */
export function MarkLine({ group }: { group: MarkGroup }) {
  const nameOf = useNameOf();
  const [open, setOpen] = useState(false);
  const id = useId();
  const { marks } = group;
  const [first] = marks;
  const { kind } = first;
  const Icon = ICONS[kind];
  const [one, more] = MARK_NAMES[kind];
  const senders = new Set(marks.map(({ memberId }) => memberId));
  const from = senders.size === 1 ? nameOf(first.memberId) : "several members";
  return (
    <li data-mark={kind} className="my-1 pr-4 pl-14 text-xs text-ink-3">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className={clsx(
          "-ml-1.5 inline-flex max-w-full items-center gap-1.5 rounded-md px-1.5 py-0.5 text-left hover:bg-hover",
          kind === "unreadable" && "text-warn",
        )}
      >
        <Icon aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">
          {marks.length === 1
            ? `Something from ${from} ${one}`
            : `${marks.length.toLocaleString()} things from ${from} ${more}`}
          , {timeOf(new Date(first.at).toISOString())}
        </span>
        <span className="shrink-0 font-medium text-ink-2 underline">{open ? "Less" : "Why?"}</span>
      </button>
      <div
        id={id}
        hidden={!open}
        className="mt-1 flex flex-col gap-1 border-l-2 border-line-strong pl-3 text-ink-2"
      >
        <p>{first.message}</p>
        <p>{first.wayOut}</p>
        <p className="font-mono text-2xs text-ink-3">{first.reason}</p>
      </div>
    </li>
  );
}
