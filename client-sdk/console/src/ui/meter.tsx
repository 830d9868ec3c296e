import clsx from "clsx";

interface MeterProps {
  label: string;
  /** From 0 to 1; null: it is not known how far. */
  share: number | null;
  /** In words, for assistive technology. */
  words?: string;
  tone?: "accent" | "warn" | "danger";
}

const TONES = { accent: "fill-accent-solid", warn: "fill-warn", danger: "fill-danger-solid" };

/** How much of a whole there is: of a run, of a budget. */
export function Meter({ label, share, words, tone = "accent" }: MeterProps) {
  const width = share === null ? 0 : Math.min(1, Math.max(0, share)) * 100;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share === null ? {} : { "aria-valuenow": Math.round(width) })}
      {...(words ? { "aria-valuetext": words } : {})}
      className={clsx("h-1.5 overflow-hidden rounded-full bg-pressed", share === null && "animate-breathe")}
    >
      <svg aria-hidden viewBox="0 0 100 1" preserveAspectRatio="none" className="block h-full w-full">
        <rect width={width} height="1" className={clsx(TONES[tone], "transition-all duration-200")} />
      </svg>
    </div>
  );
}
