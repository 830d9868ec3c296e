import type { ReactNode } from "react";

import { Setup } from "./setup";

/** In place of an encrypted room's page, what this device must do before it can read it. */
export function Gate({ children }: { children: ReactNode }) {
  return (
    <Setup
      frame={(step) => (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className="mx-auto w-full max-w-lg px-5 pt-10 pb-14">{step}</div>
        </div>
      )}
    >
      {children}
    </Setup>
  );
}
