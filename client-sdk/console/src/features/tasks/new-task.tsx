import type { Priority, TaskStatus } from "@ymera/client";
import { useParams } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { sealedAccess } from "#/app/access";
import { useClient, useMe, useRoom } from "#/app/client";
import { act } from "#/app/errors";
import { useMemberships } from "#/app/sidebar";
import { type SealedPlace, useSealedPlaces } from "#/features/encryption/across";
import { archivedIn } from "#/features/encryption/name";
import { Dialog, DialogBody } from "#/ui/dialog";
import { AreaField, CheckField, DialogForm, SelectField, TextField } from "#/ui/form";
import { toast } from "#/ui/toast";

import { createTask } from "./actions";
import { lastRank, PRIORITIES, PRIORITY_NAMES, STATUS_NAMES, STATUSES } from "./model";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewTask({ open, onOpenChange }: Props) {
  const { projectId } = useParams({ strict: false });
  const projects = useTaskProjects();
  const first = projectId ?? projects[0]?.id;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New task">
      {first ? (
        <Form project={first} projects={projects} done={() => onOpenChange(false)} />
      ) : (
        <DialogBody>There is no project here that you can add to. Create one first.</DialogBody>
      )}
    </Dialog>
  );
}

/** A project that tasks can be added to. */
interface TaskProject {
  id: string;
  name: string;
}

/** One's projects: the open ones first, then the encrypted ones that one may write in. */
function useTaskProjects(): readonly TaskProject[] {
  const { projects } = useMemberships();
  return [...projects, ...useSealedPlaces().filter(takesTasks).map(marked)];
}

function takesTasks({ id, state, sealed }: SealedPlace): boolean {
  return sealed.form === "project" && sealedAccess(sealed, archivedIn(state, id)).canEdit;
}

function marked({ id, name }: SealedPlace): TaskProject {
  return { id, name: `${name} (encrypted)` };
}

interface FormProps {
  project: string;
  projects: readonly TaskProject[];
  done: () => void;
}

function Form({ project, projects, done }: FormProps) {
  const client = useClient();
  const me = useMe();
  const [projectId, setProjectId] = useState(project);
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [status, setStatus] = useState<TaskStatus>("todo");
  const [priority, setPriority] = useState<Priority>("none");
  const [mine, setMine] = useState(false);
  const { tasks } = useRoom(projectId).state;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const assignees = mine ? [me.id] : [];
    const fields = { project_id: projectId, title: title.trim(), description, status, priority, assignees };
    act(createTask(client, uuidv7(), lastRank(tasks), me.id, fields), "The task could not be added");
    toast("Task added", { detail: fields.title });
    done();
  };
  return (
    <DialogForm action="Add task" disabled={!title.trim()} onSubmit={submit} onCancel={done}>
      <TextField
        label="Title"
        value={title}
        onChange={setTitle}
        required
        maxLength={300}
        placeholder="What needs doing?"
      />
      <AreaField
        label="Description"
        value={description}
        onChange={setDescription}
        minRows={3}
        maxRows={10}
        placeholder="Markdown"
      />
      <div className="grid grid-cols-2 gap-3">
        <SelectField label="Status" value={status} onChange={setStatus} choices={STATUS_CHOICES} />
        <SelectField label="Priority" value={priority} onChange={setPriority} choices={PRIORITY_CHOICES} />
      </div>
      <ProjectField projects={projects} value={projectId} onChange={setProjectId} />
      <CheckField label="Assign to me" value={mine} onChange={setMine} />
    </DialogForm>
  );
}

const STATUS_CHOICES = STATUSES.map((status) => [status, STATUS_NAMES[status]] as const);
const PRIORITY_CHOICES = PRIORITIES.map((priority) => [priority, PRIORITY_NAMES[priority]] as const);

interface ProjectFieldProps {
  projects: readonly TaskProject[];
  value: string;
  onChange: (id: string) => void;
}

function ProjectField({ projects, value, onChange }: ProjectFieldProps) {
  if (projects.length < 2) return null;
  const choices = projects.map(({ id, name }) => [id, name] as const);
  // Workspace admins see projects that they are not in.
  const seen = projects.some(({ id }) => id === value) ? [] : [[value, "This project"] as const];
  return <SelectField label="Project" value={value} onChange={onChange} choices={[...seen, ...choices]} />;
}
