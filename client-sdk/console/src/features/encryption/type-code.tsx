import { KeyRound } from "lucide-react";
import { useState } from "react";

import { Button } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { toast } from "#/ui/toast";

import { RecoverForm } from "./recover-form";
import { useSealedStatus } from "./use-sealed";

/** Has the code typed on a device that is in, and cannot tell whether anybody has it, or could not read the backup. */
export function TypeCode() {
  const { backedUp } = useSealedStatus();
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-sm text-ink-2">
        {backedUp
          ? "This device was let in by another one, so it does not know whether you have kept the code. If you have it, type it here once. If not, look on the device where your keys were made: it shows the code until it is confirmed there."
          : "This device could not read the backup of your keys. Type the code, and it does: rooms that were read on your other devices open here too."}
      </p>
      <Button onClick={() => setOpen(true)}>
        <KeyRound aria-hidden className="size-3.5" /> Type the code
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Type the recovery code"
        description="The 32 characters that you were shown when your keys were made."
      >
        <RecoverForm
          action="Confirm"
          onDone={() => {
            toast("Recovery code confirmed");
            setOpen(false);
          }}
          onCancel={() => setOpen(false)}
        />
      </Dialog>
    </div>
  );
}
