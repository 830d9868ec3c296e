import type { SealedChange, Trust } from "@ymera/client";
import clsx from "clsx";
import {
  KeyRound,
  type LucideIcon,
  LockKeyhole,
  LogOut,
  MonitorSmartphone,
  ScrollText,
  UserCog,
  UserMinus,
  UserPlus,
} from "lucide-react";

import { useMe } from "#/app/client";
import { momentOf, timeOf } from "#/ui/dates";

import type { ChangeGroup } from "./asides";
import { type Part, sentenceOf } from "./changes";
import { AuthorMark } from "./trust-mark";

const ICONS: Readonly<Record<SealedChange["kind"], LucideIcon>> = {
  made: LockKeyhole,
  added: UserPlus,
  role: UserCog,
  removed: UserMinus,
  left: LogOut,
  rules: ScrollText,
  devices: MonitorSmartphone,
  keys: KeyRound,
};

interface Props {
  group: ChangeGroup;
  nameOf: (id: string) => string;
  trustOf: (id: string) => Trust | null;
}

/** In a timeline: what a commit changed, and by whom. */
export function ChangeLine({ group, nameOf, trustOf }: Props) {
  const { changes } = group;
  const [change] = changes;
  const Icon = ICONS[change.kind];
  const at = new Date(change.at).toISOString();
  return (
    <li
      data-change={change.kind}
      className={clsx(
        "my-1 flex items-start gap-1.5 pr-4 pl-14 text-ink-3",
        change.kind === "keys" ? "text-2xs" : "text-xs",
      )}
    >
      <Icon aria-hidden className="mt-px size-3.5 shrink-0" />
      <p className="min-w-0 break-words first-letter:uppercase">
        {sentenceOf(change, changes.length).map((part, index) => (
          <Piece key={index} part={part} nameOf={nameOf} trustOf={trustOf} />
        ))}
        <time dateTime={at} title={momentOf(at)} className="ml-1.5 text-2xs whitespace-nowrap tabular">
          {timeOf(at)}
        </time>
      </p>
    </li>
  );
}

function Piece({ part, nameOf, trustOf }: { part: Part } & Pick<Props, "nameOf" | "trustOf">) {
  const me = useMe();
  if (typeof part === "string") return part;
  const { who } = part;
  if (who === me.id) return <span className="font-medium text-ink-2">you</span>;
  return (
    <span className="inline-flex items-baseline gap-1 font-medium text-ink-2">
      {nameOf(who)}
      <AuthorMark trust={trustOf(who)} />
    </span>
  );
}
