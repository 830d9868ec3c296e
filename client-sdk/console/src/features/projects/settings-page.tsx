import {
  type Participant,
  PROJECT_MOVES,
  type Project,
  type ProjectState,
  type RoomRole,
} from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { useClient, useDirectory, useMe, usePresence } from "#/app/client";
import { act } from "#/app/errors";
import { InTheClear } from "#/features/encryption/in-the-clear";
import { nameIn } from "#/features/encryption/name";
import { SealedMembers } from "#/features/encryption/sealed-members";
import { Leaving, SealedRules } from "#/features/encryption/sealed-rules";
import { ParticipantRow } from "#/features/members/participant-row";
import { GrantDialog, type GrantSubject } from "#/features/members/grant-dialog";
import { InviteDialog } from "#/features/members/invite-dialog";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { AreaField, TextField } from "#/ui/form";
import { Prose } from "#/ui/markdown";
import { Picker } from "#/ui/picker";
import { Panel, PanelPage } from "#/ui/panel";
import { toast } from "#/ui/toast";

import { StateChip, StateIcon } from "./state-chip";
import { PROJECT_STATE_NAMES } from "./states";

/** A project's name, state and members. */
export function ProjectSettingsPage({ projectId }: { projectId: string }) {
  const view = useProject(projectId);
  const { project } = view;
  if (view.encrypted) return <EncryptedSettings view={view} />;
  if (!project) return null;
  return (
    <PanelPage>
      <About key={project.version} view={view} project={project} />
      <State view={view} project={project} />
      <People view={view} project={project} />
      <Ending view={view} project={project} />
    </PanelPage>
  );
}

/** An encrypted project is its members': nobody else changes or deletes it. */
function EncryptedSettings({ view }: { view: ProjectView }) {
  const { project, sealed } = view;
  if (!sealed) return null;
  return (
    <PanelPage>
      {project && <About key={project.version} view={view} project={project} />}
      {project && <State view={view} project={project} />}
      <SealedMembers view={view} sealed={sealed} />
      <SealedRules sealed={sealed} />
      <InTheClear />
      <Leaving sealed={sealed} name={nameIn(view.state, view.id)} />
    </PanelPage>
  );
}

interface Props {
  view: ProjectView;
  project: Project;
}

function About({ view, project }: Props) {
  const client = useClient();
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const editable = view.access.canManage && view.access.canEdit;
  const changed = name.trim() !== project.name || description !== project.description;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act(
      client
        .call("project.update", {
          project_id: project.id,
          version: project.version,
          name: name.trim(),
          description,
        })
        .then(() => toast("Project saved")),
      "The project could not be changed",
    );
  };
  if (!editable)
    return (
      <Panel title="About">
        {project.description ? (
          <Prose text={project.description} />
        ) : (
          <p className="text-ink-3">No description.</p>
        )}
      </Panel>
    );
  return (
    <Panel title="About">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Name" value={name} onChange={setName} required maxLength={100} />
        <AreaField
          label="Description"
          hint="Markdown"
          value={description}
          onChange={setDescription}
          minRows={3}
          maxRows={12}
        />
        <Button type="submit" look="primary" className="self-start" disabled={!changed || !name.trim()}>
          Save
        </Button>
      </form>
    </Panel>
  );
}

const MOVE_NAMES: Readonly<Record<ProjectState, string>> = {
  draft: "Back to draft",
  active: "Make active",
  on_hold: "Put on hold",
  completed: "Complete",
  archived: "Archive",
};

function State({ view, project }: Props) {
  const client = useClient();
  const move = (state: ProjectState) => {
    const optimistic = [
      { room: project.id, collection: "projects", patch: { id: project.id, state } },
    ] as const;
    act(
      client.call("project.transition", { project_id: project.id, state }, { optimistic }),
      "The project could not be moved",
    );
  };
  return (
    <Panel
      title="State"
      note={project.state === "archived" ? "An archived project can be read, not changed." : undefined}
    >
      <div className="flex flex-wrap items-center gap-2">
        <span className="mr-2">
          <StateChip state={project.state} />
        </span>
        {view.access.canManage &&
          PROJECT_MOVES[project.state].map((state) => (
            <Button
              key={state}
              size="sm"
              onClick={() => move(state)}
              className="[&>svg]:size-3.5"
              aria-label={`${MOVE_NAMES[state]}: ${PROJECT_STATE_NAMES[state]}`}
            >
              <StateIcon state={state} /> {MOVE_NAMES[state]}
            </Button>
          ))}
      </div>
    </Panel>
  );
}

function People({ view, project }: Props) {
  const client = useClient();
  const me = useMe();
  const navigate = useNavigate();
  const presence = usePresence(view.room);
  const { people } = useDirectory();
  const [inviting, setInviting] = useState(false);
  const [limiting, setLimiting] = useState<GrantSubject | null>(null);
  const { canManage } = view.access;
  const here = new Set(view.people.map(({ id }) => id));
  const set = (member_id: string, role: RoomRole) => {
    const { until = null, task_id = null } = view.state.participants[member_id] ?? {};
    act(
      client.call("project.set_member", { project_id: project.id, member_id, role, until, task_id }),
      "The member could not be changed",
    );
  };
  const limit = ({ id, name, role, until = null, task_id = null }: Participant) =>
    setLimiting({
      members: [[id, name]],
      projects: [[project.id, project.name]],
      role,
      until,
      task: task_id,
    });
  const remove = (member_id: string) => {
    act(
      client.call("project.remove_member", { project_id: project.id, member_id }),
      "The member could not be removed",
    );
    if (member_id === me.id) void navigate({ to: "/projects" });
  };
  return (
    <Panel
      title="Members"
      action={
        canManage && (
          <>
            <Button size="sm" onClick={() => setInviting(true)}>
              Invite a guest
            </Button>
            <Picker
              label="Add a member"
              placeholder="Add a member…"
              align="end"
              selected={[]}
              empty="Everyone is here already."
              onPick={(id) => set(id, "editor")}
              options={people
                .filter(({ id, active }) => active && !here.has(id))
                .map(({ id, name, kind }) => ({
                  value: id,
                  label: name,
                  icon: <Avatar id={id} name={name} size="xs" agent={kind === "agent"} />,
                }))}
              trigger={
                <Button size="sm">
                  <UserPlus aria-hidden className="size-3.5" /> Add
                </Button>
              }
            />
          </>
        )
      }
    >
      <ul className="-my-2">
        {view.people.map((person) => (
          <ParticipantRow
            key={person.id}
            person={person}
            presence={presence[person.id] ?? null}
            task={view.tasks[person.task_id ?? ""]?.title}
            {...(canManage && {
              onRole: (role: RoomRole) => set(person.id, role),
              onLimit: () => limit(person),
            })}
            {...((canManage || person.id === me.id) && { onRemove: () => remove(person.id) })}
          />
        ))}
      </ul>
      <GrantDialog
        subject={limiting}
        title={`Access of ${limiting?.members[0]?.[1] ?? ""}`}
        onClose={() => setLimiting(null)}
      />
      <InviteDialog
        open={inviting}
        onOpenChange={setInviting}
        project={{ id: project.id, name: project.name }}
      />
    </Panel>
  );
}

function Ending({ view, project }: Props) {
  const client = useClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  if (!view.access.canManage) return null;
  const remove = async () => {
    await client.call("project.delete", { project_id: project.id });
    toast("Project deleted", {
      detail: "It can be restored for 30 days, from the list of deleted projects.",
    });
    await navigate({ to: "/projects" });
  };
  return (
    <Panel title="Delete" note="A deleted project disappears for everyone. It can be restored for 30 days.">
      <Button onClick={() => setAsking(true)} className="text-danger!">
        Delete project…
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${project.name}?`}
        description="It disappears for everyone at once. Its managers can restore it for 30 days."
        action="Delete project"
        onConfirm={() => act(remove(), "The project could not be deleted")}
      />
    </Panel>
  );
}
