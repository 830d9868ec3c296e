import clsx from "clsx";
import type { ReactNode } from "react";

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}

/** A few exclusive choices, side by side. */
export function Segments<T extends string>({ label, value, choices, onChange }: SegmentsProps<T>) {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex self-start rounded-md bg-sunken p-0.5 ring-1 ring-line ring-inset"
    >
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
          className={clsx(
            "inline-flex h-6 items-center gap-1.5 rounded-[5px] px-2 text-xs font-medium transition-colors duration-100 [&>svg]:size-3.5",
            choice.value === value
              ? "bg-raised text-ink shadow-card ring-1 ring-line"
              : "text-ink-2 hover:text-ink",
          )}
        >
          {choice.icon}
          {choice.label}
        </button>
      ))}
    </div>
  );
}
