import type { InvitationCreated, RoomRole, WorkspaceRole } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { grantable, ROOM_ROLES } from "#/app/access";
import { useClient, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { CopyField } from "#/ui/copy-field";
import { Dialog } from "#/ui/dialog";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";
import { ShownOnce } from "#/ui/shown-once";

import { ROOM_ROLE_NAMES, WORKSPACE_ROLE_NAMES, WORKSPACE_ROLE_NOTES } from "./roles";

interface InviteDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The project that the newcomer also joins. */
  project?: { id: string; name: string };
}

/** Makes an invitation; its link is shown this once. */
export function InviteDialog({ open, onOpenChange, project }: InviteDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={project ? `Invite to ${project.name}` : "Invite someone"}
      description="A link that works once, for one person. Send it however you like."
    >
      <Form project={project} done={() => onOpenChange(false)} />
    </Dialog>
  );
}

type Hours = "24" | "72" | "168" | "720";

const HOURS: readonly (readonly [Hours, string])[] = [
  ["24", "1 day"],
  ["72", "3 days"],
  ["168", "7 days"],
  ["720", "30 days"],
];

function Form({ project, done }: { project: InviteDialogProps["project"]; done: () => void }) {
  const client = useClient();
  const me = useMe();
  const queries = useQueryClient();
  const roles = grantable(me);
  const [role, setRole] = useState<WorkspaceRole>(project ? "guest" : "member");
  const [projectRole, setProjectRole] = useState<RoomRole>("editor");
  const [email, setEmail] = useState("");
  const [hours, setHours] = useState<Hours>("72");
  const [made, setMade] = useState<InvitationCreated | null>(null);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const invitation = { role, email: email.trim() || null, expires_in_hours: Number(hours) };
    const joins = project && { project_id: project.id, project_role: projectRole };
    setMade(await client.call("invitation.create", { ...invitation, ...joins }));
    await queries.invalidateQueries({ queryKey: ["invitations"] });
  });
  if (made) return <Link invitation={made} done={done} />;
  return (
    <DialogForm action="Make the link" busy={busy} onSubmit={onSubmit} onCancel={done}>
      {roles.length > 0 && (
        <SelectField
          label="Role"
          hint={WORKSPACE_ROLE_NOTES[role]}
          value={role}
          onChange={setRole}
          choices={roles.map((each) => [each, WORKSPACE_ROLE_NAMES[each]])}
        />
      )}
      {project && (
        <SelectField
          label={`Role in ${project.name}`}
          value={projectRole}
          onChange={setProjectRole}
          choices={ROOM_ROLES.map((each) => [each, ROOM_ROLE_NAMES[each]])}
        />
      )}
      <TextField
        label="Only for this address"
        hint="Optional. Then nobody else can use the link."
        error={error ? messageOf(error) : null}
        type="email"
        value={email}
        onChange={setEmail}
        maxLength={254}
        placeholder="ada@example.org"
      />
      <SelectField label="Works for" value={hours} onChange={setHours} choices={HOURS} />
    </DialogForm>
  );
}

function Link({ invitation, done }: { invitation: InvitationCreated; done: () => void }) {
  return (
    <ShownOnce done={done}>
      <CopyField
        label="Invitation link"
        value={invitation.link}
        note="It is shown only now. Whoever has it can make the account."
      />
    </ShownOnce>
  );
}
