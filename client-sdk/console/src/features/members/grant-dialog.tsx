import type { RoomRole } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ROOM_ROLES } from "#/app/access";
import { useClient, useRoom } from "#/app/client";
import { messageOf } from "#/app/errors";
import { isOpen } from "#/features/tasks/model";
import { Dialog } from "#/ui/dialog";
import { fromLocal, toLocal } from "#/ui/dates";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";

import { ROOM_ROLE_NAMES } from "./roles";

type Choices = readonly (readonly [id: string, name: string])[];

export interface GrantSubject {
  /** Whom to let in; several where one is to be chosen. */
  members: Choices;
  /** Into which project; several where one is to be chosen. */
  projects: Choices;
  role?: RoomRole;
  until?: string | null;
  task?: string | null;
}

interface Props {
  /** Null: closed. */
  subject: GrantSubject | null;
  title: string;
  onClose: () => void;
}

/** Lets a member into a project: in a role, until a date or for one task if so wished. */
export function GrantDialog({ subject, title, onClose }: Props) {
  return (
    <Dialog
      open={subject !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      description="Everyone in the project sees it, and its managers can end it at any time."
    >
      {subject && <Form subject={subject} done={onClose} />}
    </Dialog>
  );
}

function Form({ subject, done }: { subject: GrantSubject; done: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const [member, setMember] = useState(subject.members[0]?.[0] ?? "");
  const [project, setProject] = useState(subject.projects[0]?.[0] ?? "");
  const [role, setRole] = useState<RoomRole>(subject.role ?? "editor");
  const [until, setUntil] = useState(toLocal(subject.until ?? null));
  const [task, setTask] = useState(subject.task ?? "");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await client.call("project.set_member", {
      project_id: project,
      member_id: member,
      role,
      until: fromLocal(until),
      task_id: task || null,
    });
    await queries.invalidateQueries({ queryKey: ["agents"] });
    done();
  });
  return (
    <DialogForm
      action="Give access"
      busy={busy}
      disabled={!member || !project}
      onSubmit={onSubmit}
      onCancel={done}
    >
      {subject.projects.length !== 1 && (
        <SelectField
          label="Project"
          value={project}
          onChange={(id) => {
            setProject(id);
            setTask("");
          }}
          choices={subject.projects}
        />
      )}
      {subject.members.length !== 1 && (
        <SelectField label="Member" value={member} onChange={setMember} choices={subject.members} />
      )}
      <SelectField
        label="Role"
        value={role}
        onChange={setRole}
        choices={ROOM_ROLES.map((each) => [each, ROOM_ROLE_NAMES[each]])}
      />
      <TextField
        label="Until (optional)"
        hint="It ends by itself then."
        error={error ? messageOf(error) : null}
        type="datetime-local"
        value={until}
        onChange={setUntil}
      />
      {project && <TaskField project={project} value={task} onChange={setTask} />}
    </DialogForm>
  );
}

function TaskField({
  project,
  value,
  onChange,
}: {
  project: string;
  value: string;
  onChange: (id: string) => void;
}) {
  const { tasks } = useRoom(project).state;
  const open = Object.values(tasks)
    .filter((task) => isOpen(task.status) || task.id === value)
    .sort((a, b) => a.title.localeCompare(b.title));
  return (
    <SelectField
      label="For one task (optional)"
      hint="Then nothing else in the project can be changed, and it ends with the task."
      value={value}
      onChange={onChange}
      choices={[["", "Every task"], ...open.map((task) => [task.id, task.title] as const)]}
    />
  );
}
