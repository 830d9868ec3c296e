import { KeyRound } from "lucide-react";
import { useState } from "react";

import { Button } from "#/ui/button";

import { CodeDialog } from "./recovery-code";
import { useSealedStatus } from "./use-sealed";

/** Stays over the pages until the recovery code was typed back; put off, until the next visit. */
export function CodeBanner() {
  const { state, codeKept } = useSealedStatus();
  const [later, setLater] = useState(false);
  const [open, setOpen] = useState(false);
  if (state !== "ready" || codeKept !== false || (later && !open)) return null;
  return (
    <section
      aria-label="Recovery code not confirmed"
      className="flex flex-wrap items-center gap-x-2.5 gap-y-1 border-b border-line bg-accent-soft px-4 py-1.5 text-xs text-ink"
    >
      <KeyRound aria-hidden className="size-3.5 shrink-0 text-accent" />
      <p className="min-w-48 flex-1">
        <span className="font-medium">Keep your recovery code.</span> Without it, whoever loses their devices
        loses what is encrypted.
      </p>
      <div className="flex gap-1.5">
        <Button size="sm" onClick={() => setOpen(true)}>
          Show and confirm
        </Button>
        <Button size="sm" look="ghost" onClick={() => setLater(true)}>
          Later
        </Button>
      </div>
      <CodeDialog open={open} onOpenChange={setOpen} />
    </section>
  );
}
