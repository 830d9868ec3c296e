import clsx from "clsx";
import { X } from "lucide-react";
import type { ReactNode } from "react";

import { hueOf } from "./identity";

/** A small fact: a label, a due date, a role. */
export function Chip({
  children,
  tone = "plain",
  className,
}: {
  children: ReactNode;
  tone?: "plain" | "warn" | "danger" | "accent" | "good";
  className?: string;
}) {
  return (
    <span
      className={clsx(
        "inline-flex h-5 max-w-40 items-center gap-1 rounded-md px-1.5 text-2xs font-medium whitespace-nowrap [&>svg]:size-3 [&>svg]:shrink-0",
        {
          plain: "border border-line text-ink-2",
          warn: "bg-warn-soft text-warn",
          danger: "bg-danger-soft text-danger",
          accent: "bg-accent-soft text-accent",
          good: "bg-good-soft text-good",
        }[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** The coloured dot that goes with a label's text. */
export function LabelDot({ label }: { label: string }) {
  const hue = hueOf(label.toLowerCase());
  return (
    <span
      aria-hidden
      className="size-2 shrink-0 rounded-full"
      style={{ background: `light-dark(oklch(0.63 0.16 ${hue}), oklch(0.72 0.14 ${hue}))` }}
    />
  );
}

export function LabelChip({ label, onRemove }: { label: string; onRemove?: () => void }) {
  return (
    <Chip>
      <LabelDot label={label} />
      <span className="truncate">{label}</span>
      {onRemove && (
        <button
          type="button"
          aria-label={`Remove the label ${label}`}
          onClick={onRemove}
          className="-mr-0.5 rounded-sm text-ink-3 hover:text-ink [&>svg]:size-3"
        >
          <X />
        </button>
      )}
    </Chip>
  );
}
