import clsx from "clsx";
import { Bot } from "lucide-react";

import { hueOf, initialsOf } from "./identity";

type Presence = "online" | "away" | "busy" | null;

interface AvatarProps {
  id: string;
  name: string;
  agent?: boolean;
  /** An agent's emoji. */
  picture?: string | null;
  size?: "xs" | "sm" | "md" | "lg";
  presence?: Presence;
}

const SIZES = {
  xs: "size-4.5 text-[0.5rem]",
  sm: "size-5.5 text-[0.5625rem]",
  md: "size-7 text-2xs",
  lg: "size-9 text-xs",
};

const DOTS: Record<Exclude<Presence, null>, string> = {
  online: "bg-[oklch(0.68_0.17_152)]",
  away: "bg-[oklch(0.78_0.15_78)]",
  busy: "bg-danger-solid",
};

/** Initials on a hue of the member's own; agents are square. Decoration: the name stands beside it. */
export function Avatar({
  id,
  name,
  agent = false,
  picture = null,
  size = "sm",
  presence = null,
}: AvatarProps) {
  const hue = hueOf(id);
  return (
    <span className="relative inline-flex h-fit shrink-0" aria-hidden title={name}>
      <span
        // As decoration, the initials are no part of the text around them.
        data-initials={agent ? undefined : initialsOf(name)}
        className={clsx(
          "inline-flex items-center justify-center font-semibold tracking-tight select-none before:content-[attr(data-initials)]",
          agent ? "rounded-md" : "rounded-full",
          SIZES[size],
        )}
        style={{
          background: `light-dark(oklch(0.9 0.06 ${hue}), oklch(0.38 0.075 ${hue}))`,
          color: `light-dark(oklch(0.36 0.1 ${hue}), oklch(0.92 0.05 ${hue}))`,
        }}
      >
        {agent &&
          (picture ? <span className="emoji text-[1.35em]">{picture}</span> : <Bot className="size-[62%]" />)}
      </span>
      {presence && (
        <span
          className={clsx(
            "absolute -right-0.5 -bottom-0.5 size-2.5 rounded-full border-2 border-panel",
            DOTS[presence],
          )}
        />
      )}
    </span>
  );
}

/** Up to three faces, then a count. */
export function AvatarStack({
  people,
}: {
  people: readonly { id: string; name: string; agent?: boolean }[];
}) {
  const shown = people.slice(0, 3);
  return (
    <span className="flex items-center -space-x-1.5" aria-hidden>
      {shown.map((person) => (
        <span key={person.id} className="rounded-full ring-2 ring-raised">
          <Avatar {...person} />
        </span>
      ))}
      {people.length > shown.length && (
        <span className="pl-2.5 text-2xs text-ink-3 tabular">+{people.length - shown.length}</span>
      )}
    </span>
  );
}
