import type { AgentView, Capability, Trigger, TriggerKind, TriggerMade } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { useState } from "react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { useCapability, useWorkers } from "#/features/agents/use-workers";
import { type Worker, WorkerFields, workerOf } from "#/features/agents/worker-fields";
import { Dialog, DialogBody } from "#/ui/dialog";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";
import { SchemaForm, useSchemaForm } from "#/ui/schema-form";
import { Skeleton } from "#/ui/states";

import { draftOf, type TriggerDraft, whenFrom } from "./draft";
import { KIND_NAMES } from "./names";
import { WebhookSecret } from "./webhook-secret";
import { WhenFields } from "./when-fields";

interface Props {
  projectId: string;
  /** What is changed; null: a new one is made; undefined: closed. */
  trigger: Trigger | null | undefined;
  onClose: () => void;
}

/** Makes a trigger, or changes one. */
export function TriggerDialog({ projectId, trigger, onClose }: Props) {
  return (
    <Dialog
      open={trigger !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={trigger ? `Change ${trigger.name}` : "New trigger"}
      description="Each time it fires, one run is made."
      wide
    >
      {trigger !== undefined && <Ready projectId={projectId} trigger={trigger} done={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  projectId: string;
  trigger: Trigger | null;
  done: () => void;
}

function Ready(props: FormProps) {
  const { agents, pending } = useWorkers(props.projectId);
  if (pending)
    return (
      <DialogBody>
        <Skeleton className="h-24" />
      </DialogBody>
    );
  return <Edit {...props} agents={agents} />;
}

function Edit({ agents, ...props }: FormProps & { agents: readonly AgentView[] }) {
  const { trigger } = props;
  const [draft, setDraft] = useState(() => draftOf(trigger));
  const [worker, setWorker] = useState<Worker>(() =>
    trigger ? { agentId: trigger.agent_id ?? "", capability: trigger.capability } : workerOf(agents, "", ""),
  );
  const { capability, pending } = useCapability(agents, worker.agentId, worker.capability);
  if (pending)
    return (
      <DialogBody>
        <Skeleton className="h-24" />
      </DialogBody>
    );
  return (
    <Fields
      // Another schema is another form; so is free JSON, in which texts stand for values of an event.
      key={`${worker.agentId} ${worker.capability} ${draft.kind === "schedule" ? "form" : "json"}`}
      {...props}
      {...{ agents, draft, setDraft, worker, setWorker, capability }}
    />
  );
}

interface FieldsProps extends FormProps {
  agents: readonly AgentView[];
  draft: TriggerDraft;
  setDraft: (draft: TriggerDraft) => void;
  worker: Worker;
  setWorker: (worker: Worker) => void;
  capability: Capability | undefined;
}

const KINDS = (["schedule", "event", "webhook"] as const).map((kind) => [kind, KIND_NAMES[kind]] as const);
const ANYTHING = {};

function Fields({
  projectId,
  trigger,
  done,
  agents,
  draft,
  setDraft,
  worker,
  setWorker,
  capability,
}: FieldsProps) {
  const client = useClient();
  const [made, setMade] = useState<TriggerMade | null>(null);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const given = trigger?.input;
  const form = useSchemaForm(draft.kind === "schedule" ? (capability?.input ?? ANYTHING) : ANYTHING, given);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const when = whenFrom(draft);
    const input = form.read();
    setFaults("errors" in when ? when.errors : {});
    if ("errors" in when || !input) return;
    const about = {
      name: draft.name.trim(),
      capability: worker.capability,
      agent_id: worker.agentId || null,
      input,
    };
    if (trigger) {
      const { cron, zone, catch_up, filter } = when.when;
      await client.call("trigger.update", {
        trigger_id: trigger.id,
        version: trigger.version,
        ...about,
        ...(cron && { cron, zone, catch_up }),
        ...(filter && { filter }),
      });
      done();
      return;
    }
    const created = await client.call("trigger.create", {
      project_id: projectId,
      kind: draft.kind,
      ...about,
      ...when.when,
    });
    if (created.secret === null) done();
    else setMade(created);
  });
  if (made?.url && made.secret)
    return <WebhookSecret made={{ ...made, url: made.url, secret: made.secret }} done={done} />;
  const set = (change: Partial<TriggerDraft>) => setDraft({ ...draft, ...change });
  const { path, text } = refusalOf(error);
  return (
    <DialogForm
      action={trigger ? "Save" : "Create"}
      busy={busy}
      disabled={!draft.name.trim() || !worker.capability}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <TextField
        label="Name"
        value={draft.name}
        onChange={(name) => set({ name })}
        error={path === "name" ? text : null}
        required
        maxLength={100}
        placeholder="Morning report"
      />
      {!trigger && (
        <SelectField<TriggerKind>
          label="Fires"
          value={draft.kind}
          onChange={(kind) => set({ kind })}
          choices={KINDS}
        />
      )}
      <WhenFields draft={draft} set={set} errors={{ ...faults, ...(path && text ? { [path]: text } : {}) }} />
      {agents.length === 0 && <p className="text-xs text-warn">No agent has access to this project yet.</p>}
      <WorkerFields agents={agents} value={worker} onChange={setWorker} />
      <SchemaForm form={form} {...(given && { given })} />
      {draft.kind !== "schedule" && (
        <p className="text-xs text-ink-3">
          A text such as <code className="font-mono">{"{{task.title}}"}</code> stands for a value of the{" "}
          {draft.kind === "event" ? "event" : "request’s body"}.
        </p>
      )}
      {text && !SHOWN.has(path ?? "") && (
        <p role="alert" className="text-xs text-danger">
          {text}
        </p>
      )}
    </DialogForm>
  );
}

/** Fields beside which a refusal is shown. */
const SHOWN: ReadonlySet<string> = new Set(["name", "cron", "zone", "filter"]);

function refusalOf(error: unknown): { path: string | null; text: string | null } {
  if (!error) return { path: null, text: null };
  const path = isYmeraError(error, "invalid") ? error.data["path"] : null;
  return { path: typeof path === "string" ? (path.split(".")[0] ?? null) : null, text: messageOf(error) };
}
