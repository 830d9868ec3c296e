import type { ReactNode } from "react";

import { Button } from "./button";
import { DialogBody, DialogFooter } from "./dialog";

/** What follows a form in its dialog: a secret or a link, which cannot be had again. */
export function ShownOnce({ done, children }: { done: () => void; children: ReactNode }) {
  return (
    <>
      <DialogBody>{children}</DialogBody>
      <DialogFooter>
        <Button look="primary" onClick={done}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}
