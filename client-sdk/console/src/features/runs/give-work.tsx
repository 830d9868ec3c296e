import type { Capability, Priority, Task } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { useCapability, useWorkers } from "#/features/agents/use-workers";
import { type Worker, WorkerFields, workerOf } from "#/features/agents/worker-fields";
import { useIsEncrypted } from "#/features/encryption/use-sealed";
import { Dialog, DialogBody } from "#/ui/dialog";
import { DialogForm, useSubmission } from "#/ui/form";
import { SchemaForm, useSchemaForm } from "#/ui/schema-form";
import { Skeleton } from "#/ui/states";
import { toast } from "#/ui/toast";

import { Refusal } from "../questions/answers";
import { hasOptionFault, NO_OPTIONS, optionsOf, RunOptions, type RunOptionsValue } from "./run-options";

interface Props {
  task: Task;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Gives a task to an agent, or to whichever has the capability. */
export function GiveWork({ task, open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Run with an agent"
      description={task.blocked ? "It starts by itself once nothing blocks the task any more." : task.title}
      wide
    >
      <Choose task={task} done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Choose({ task, done }: { task: Task; done: () => void }) {
  const { agents, pending, error } = useWorkers(task.project_id);
  const [chosen, setChosen] = useState<Worker | null>(null);
  const named = useIsEncrypted(task.project_id);
  const assigned = agents.find(({ id }) => task.assignees.includes(id)) ?? (named ? agents[0] : undefined);
  const worker = chosen ?? workerOf(agents, assigned?.id ?? "", "");
  const { capability, pending: loading } = useCapability(agents, worker.agentId, worker.capability);
  if (pending)
    return (
      <DialogBody>
        <Skeleton className="h-16" />
      </DialogBody>
    );
  if (error)
    return (
      <DialogBody>
        <Refusal error={error} />
      </DialogBody>
    );
  if (agents.length === 0 || worker.capability === "") return <NoWorkers none={agents.length === 0} />;
  const fields = <WorkerFields agents={agents} value={worker} onChange={setChosen} named={named} />;
  if (loading || !capability)
    return (
      <DialogBody>
        {fields}
        <Skeleton className="h-24" />
      </DialogBody>
    );
  return (
    <Work
      key={`${worker.agentId} ${worker.capability}`}
      task={task}
      worker={worker}
      capability={capability}
      done={done}
    >
      {fields}
    </Work>
  );
}

function NoWorkers({ none }: { none: boolean }) {
  return (
    <DialogBody>
      <p>
        {none
          ? "No agent has access to this project."
          : "The agents of this project have not said yet what they can do."}{" "}
        <Link to="/agents" className="link">
          See the agents
        </Link>
      </p>
    </DialogBody>
  );
}

interface WorkProps {
  task: Task;
  worker: Worker;
  capability: Capability;
  done: () => void;
  children: React.ReactNode;
}

/** The task's own fields, as the server fills them in where the schema has them. */
function givenOf({ title, description, labels, priority, due }: Task): Record<string, unknown> {
  return { title, description, labels, priority, due };
}

const ANYTHING = { type: "object" };

function Work({ task, worker, capability, done, children }: WorkProps) {
  const client = useClient();
  const given = useMemo(() => givenOf(task), [task]);
  const form = useSchemaForm(capability.input ?? ANYTHING, given);
  const whole = form.fields === null;
  const [options, setOptions] = useState<RunOptionsValue>(NO_OPTIONS);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const input = form.read();
    if (!input) return;
    await client.call("run.create", {
      project_id: task.project_id,
      task_id: task.id,
      agent_id: worker.agentId || null,
      capability: worker.capability,
      input,
      ...optionsOf(options),
    });
    toast("Given to an agent", { detail: task.title });
    done();
  });
  return (
    <DialogForm
      action="Run"
      busy={busy}
      disabled={hasOptionFault(options)}
      onSubmit={onSubmit}
      onCancel={done}
    >
      {children}
      <SchemaForm form={form} {...(whole && { given })} />
      <RunOptions value={options} onChange={setOptions} inherited={task.priority satisfies Priority} />
      {error !== null && (
        <p role="alert" className="text-xs text-danger">
          {messageOf(error)}
        </p>
      )}
    </DialogForm>
  );
}
