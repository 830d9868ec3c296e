import type { ProjectState } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useClient } from "#/app/client";
import { faultsOf } from "#/features/account/session";
import { EncryptionChoice, NewSealed } from "#/features/encryption/new-sealed";
import { Dialog } from "#/ui/dialog";
import { AreaField, DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";

import { PROJECT_STATE_NAMES } from "./states";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewProject({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New project"
      description="A board, a conversation and a history of its own."
    >
      <OpenOrEncrypted done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function OpenOrEncrypted({ done }: { done: () => void }) {
  const [encrypted, setEncrypted] = useState(false);
  return (
    <>
      <EncryptionChoice value={encrypted} onChange={setEncrypted} />
      {encrypted ? <NewSealed form="project" done={done} /> : <Form done={done} />}
    </>
  );
}

const FIRST_STATES = (["active", "draft"] as const).map(
  (state) => [state, PROJECT_STATE_NAMES[state]] as const,
);

function Form({ done }: { done: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [state, setState] = useState<ProjectState>("active");
  const { busy, error, onSubmit } = useSubmission(async () => {
    const project = await client.call("project.create", { name: name.trim(), description, state });
    void queries.invalidateQueries({ queryKey: ["projects"] });
    done();
    await navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
  });
  const faults = faultsOf(error);
  return (
    <DialogForm
      action="Create project"
      busy={busy}
      disabled={!name.trim()}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <TextField
        label="Name"
        error={faults.field("name") ?? faults.form}
        value={name}
        onChange={setName}
        required
        maxLength={100}
        placeholder="Spring launch"
      />
      <AreaField
        label="Description"
        hint="Markdown. You can write it later."
        value={description}
        onChange={setDescription}
        minRows={3}
        maxRows={8}
      />
      <SelectField label="State" value={state} onChange={setState} choices={FIRST_STATES} />
    </DialogForm>
  );
}
