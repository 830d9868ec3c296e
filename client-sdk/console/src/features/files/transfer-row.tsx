import type { Progress } from "@ymera/client";
import type { ReactNode } from "react";

import { bytesOf, durationOf } from "#/ui/amounts";
import { Meter } from "#/ui/meter";

interface TransferRowProps {
  name: string;
  title?: ReactNode;
  /** How far it is, or what has become of it. */
  words: string;
  failed: boolean;
  controls: ReactNode;
  /** Of what is under way; a share of null: it is not known how far. */
  meter: { label: string; share: number | null; tone?: "accent" | "warn" } | null;
  children?: ReactNode;
}

/** A file in the tray, whichever way it goes. */
export function TransferRow({ name, title, words, failed, controls, meter, children }: TransferRowProps) {
  return (
    <>
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1">
          <p className="truncate text-sm font-medium" title={name}>
            {title ?? name}
          </p>
          <p className={failed ? "text-xs text-danger" : "text-xs text-ink-3 tabular"}>{words}</p>
        </div>
        {controls}
      </div>
      {meter && (
        <div className="mt-1.5">
          <Meter {...meter} />
        </div>
      )}
      {children}
    </>
  );
}

/** How far it is, how fast it goes and how long it takes. */
export function paceOf({ bytes, total, rate, secondsLeft }: Progress): string {
  return [
    total === null ? bytesOf(bytes) : `${bytesOf(bytes)} of ${bytesOf(total)}`,
    rate > 0 && `${bytesOf(rate)}/s`,
    rate > 0 && secondsLeft !== null && secondsLeft >= 1 && `${durationOf(Math.ceil(secondsLeft))} left`,
  ]
    .filter(Boolean)
    .join(", ");
}
