import { useState } from "react";

import { messageOf } from "#/app/errors";
import { Dialog } from "#/ui/dialog";
import { DialogForm, TextField, useSubmission } from "#/ui/form";
import { Segments } from "#/ui/tabs";

import { Scanner } from "./scanner";
import { useSealed } from "./use-sealed";

/** On a device that is in: takes the code of a new one, by camera or as text. */
export function LinkDevice({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add a device"
      description="Sign in on the new device, and open Settings, Encryption there. If it shows no code but asks for eight digits, they come up here by themselves."
    >
      <Form done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Form({ done }: { done: () => void }) {
  const sealed = useSealed();
  const [by, setBy] = useState<"camera" | "text">("text");
  const [code, setCode] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await sealed.linkScanned(code.trim());
    done();
  });
  return (
    <DialogForm action="Bring it in" busy={busy} disabled={!code.trim()} onSubmit={onSubmit} onCancel={done}>
      <Segments<"camera" | "text">
        label="How"
        value={by}
        onChange={setBy}
        choices={[
          { value: "text", label: "Paste its code" },
          { value: "camera", label: "Use the camera" },
        ]}
      />
      {by === "camera" && (
        <Scanner
          onFound={(text) => {
            setCode(text);
            setBy("text");
          }}
        />
      )}
      {by === "text" && (
        <TextField
          label="The code of the new device"
          hint="Bring in only a device that is in front of you: it will read all that you can."
          error={error ? messageOf(error) : null}
          value={code}
          onChange={setCode}
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-xs"
        />
      )}
    </DialogForm>
  );
}
