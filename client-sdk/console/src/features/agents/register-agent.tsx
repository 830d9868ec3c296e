import type { AgentCreated } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { isAdmin } from "#/app/access";
import { useClient, useDirectory, useMe } from "#/app/client";
import { messageOf, report } from "#/app/errors";
import { useMemberships } from "#/app/sidebar";
import { Dialog } from "#/ui/dialog";
import { AreaField, DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";

import { AgentCredentials } from "./agent-credentials";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RegisterAgent({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New agent"
      description="A program that does tasks beside people. You answer for it."
      wide
    >
      <Form done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Form({ done }: { done: () => void }) {
  const client = useClient();
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { projectId = "" } = useParams({ strict: false });
  const { projects } = useMemberships();
  const managed = projects.filter(({ role }) => role === "manager");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [picture, setPicture] = useState("");
  const [owner, setOwner] = useState(me.id);
  const [project, setProject] = useState(managed.some(({ id }) => id === projectId) ? projectId : "");
  const [made, setMade] = useState<AgentCreated | null>(null);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const about = { name: name.trim(), description, picture: picture.trim() || null };
    const created = await client.call("agent.register", {
      ...about,
      ...(owner !== me.id && { owner_id: owner }),
    });
    setMade(created);
    void queries.invalidateQueries({ queryKey: ["agents"] });
    if (!project) return;
    const member = { project_id: project, member_id: created.member.id, role: "editor" } as const;
    await client
      .call("project.set_member", member)
      .catch((refusal: unknown) => report("The agent could not be added to the project", refusal));
  });
  if (made)
    return (
      <AgentCredentials
        name={made.member.name}
        token={made.token}
        withProgram
        done={() => {
          done();
          void navigate({ to: "/agents/$agentId", params: { agentId: made.member.id } });
        }}
      />
    );
  return (
    <DialogForm action="Register" busy={busy} disabled={!name.trim()} onSubmit={onSubmit} onCancel={done}>
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_6rem]">
        <TextField
          label="Name"
          error={error ? messageOf(error) : null}
          value={name}
          onChange={setName}
          required
          maxLength={100}
          placeholder="Summariser"
        />
        <TextField label="Picture" value={picture} onChange={setPicture} maxLength={32} placeholder="🤖" />
      </div>
      <AreaField
        label="Description"
        hint="What it is for. It says itself what it can do."
        value={description}
        onChange={setDescription}
        minRows={2}
        maxRows={8}
      />
      {isAdmin(me) && <OwnerField value={owner} onChange={setOwner} />}
      <SelectField
        label="Project"
        hint="It sees and does nothing outside the projects that it is added to."
        value={project}
        onChange={setProject}
        choices={[["", "None yet"], ...managed.map((each) => [each.id, each.name] as const)]}
      />
    </DialogForm>
  );
}

/** Who answers for an agent. */
export function OwnerField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { people } = useDirectory();
  return (
    <SelectField
      label="Owner"
      hint="The person who answers for it."
      value={value}
      onChange={onChange}
      choices={people
        .filter(({ kind, active }) => kind === "person" && active)
        .map(({ id, name }) => [id, name])}
    />
  );
}
