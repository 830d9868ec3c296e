import { useState } from "react";

import { DialogForm, useSubmission } from "#/ui/form";

import { CodeField } from "./recovery-code";
import { useSealed } from "./use-sealed";

interface RecoverFormProps {
  action: string;
  onDone: () => void;
  onCancel: () => void;
}

/** Takes the recovery code, and by it what it gives: a way in, and the backup. */
export function RecoverForm({ action, onDone, onCancel }: RecoverFormProps) {
  const sealed = useSealed();
  const [typed, setTyped] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await sealed.recover(typed);
    onDone();
  });
  return (
    <DialogForm action={action} busy={busy} disabled={!typed.trim()} onSubmit={onSubmit} onCancel={onCancel}>
      <CodeField
        label="Recovery code"
        hint="Spaces, hyphens and small letters do not matter."
        error={error}
        value={typed}
        onChange={setTyped}
      />
    </DialogForm>
  );
}
