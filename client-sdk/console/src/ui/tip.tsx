import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

import { Keys } from "./keys";

export const TipProvider = Tooltip.Provider;

/** A short name for an icon, on hover and on keyboard focus. */
export function Tip({ text, keys, children }: { text: string; keys?: string; children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex animate-fade items-center gap-2 rounded-md bg-raised px-2 py-1 text-xs text-ink shadow-pop"
        >
          {text}
          {keys && <Keys combo={keys} />}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
