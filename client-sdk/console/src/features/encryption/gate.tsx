import type { ReactNode } from "react";

import { Setup } from "./setup";

interface GateProps {
  /** Why one stands before it, where that is not plain. */
  note?: string;
  children: ReactNode;
}

/** In place of an encrypted room's page, what this device must do before it can read it. */
export function Gate({ note, children }: GateProps) {
  return (
    <Setup
      frame={(step) => (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className="mx-auto w-full max-w-lg px-5 pt-10 pb-14">
            {note && <p className="mb-6 text-sm text-ink-2">{note}</p>}
            {step}
          </div>
        </div>
      )}
    >
      {children}
    </Setup>
  );
}
