import type { ProjectState } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { useClient } from "#/app/client";
import { faultsOf } from "#/features/account/session";
import { Button } from "#/ui/button";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Field, Input, Select, TextArea } from "#/ui/field";

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
      <Form done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Form({ done }: { done: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [state, setState] = useState<ProjectState>("active");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const project = await client.call("project.create", { name: name.trim(), description, state });
      void queries.invalidateQueries({ queryKey: ["projects"] });
      done();
      await navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void create();
  };
  const faults = faultsOf(error);
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        <Field label="Name" error={faults.field("name") ?? faults.form}>
          {(props) => (
            <Input
              {...props}
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
              maxLength={100}
              placeholder="Spring launch"
            />
          )}
        </Field>
        <Field label="Description" hint="Markdown. You can write it later.">
          {(props) => (
            <TextArea
              {...props}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
              maxLength={20_000}
              minRows={3}
              maxRows={8}
            />
          )}
        </Field>
        <Field label="State">
          {(props) => (
            <Select
              {...props}
              value={state}
              onChange={(event) => setState(event.target.value as ProjectState)}
            >
              <option value="active">Active</option>
              <option value="draft">Draft</option>
            </Select>
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy} disabled={!name.trim()}>
          Create project
        </Button>
      </DialogFooter>
    </form>
  );
}
