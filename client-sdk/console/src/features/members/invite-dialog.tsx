import type { InvitationCreated, RoomRole, WorkspaceRole } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { grantable, ROOM_ROLES } from "#/app/access";
import { useClient, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { CopyField } from "#/ui/copy-field";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Field, Input, Select } from "#/ui/field";

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

function Form({ project, done }: { project: InviteDialogProps["project"]; done: () => void }) {
  const client = useClient();
  const me = useMe();
  const queries = useQueryClient();
  const roles = grantable(me);
  const [role, setRole] = useState<WorkspaceRole>(project ? "guest" : "member");
  const [projectRole, setProjectRole] = useState<RoomRole>("editor");
  const [email, setEmail] = useState("");
  const [hours, setHours] = useState(72);
  const [made, setMade] = useState<InvitationCreated | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const joins = project ? { project_id: project.id, project_role: projectRole } : {};
      setMade(
        await client.call("invitation.create", {
          role,
          expires_in_hours: hours,
          ...(email.trim() && { email: email.trim() }),
          ...joins,
        }),
      );
      await queries.invalidateQueries({ queryKey: ["invitations"] });
    } catch (refusal) {
      setError(messageOf(refusal));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void create();
  };
  if (made)
    return (
      <>
        <DialogBody>
          <CopyField
            label="Invitation link"
            value={made.link}
            note="It is shown only now. Whoever has it can make the account."
          />
        </DialogBody>
        <DialogFooter>
          <Button look="primary" onClick={done}>
            Done
          </Button>
        </DialogFooter>
      </>
    );
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        {error && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {error}
          </p>
        )}
        {roles.length > 0 && (
          <Field label="Role" hint={WORKSPACE_ROLE_NOTES[role]}>
            {(props) => (
              <Select
                {...props}
                value={role}
                onChange={(event) => setRole(event.target.value as WorkspaceRole)}
              >
                {roles.map((each) => (
                  <option key={each} value={each}>
                    {WORKSPACE_ROLE_NAMES[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {project && (
          <Field label={`Role in ${project.name}`}>
            {(props) => (
              <Select
                {...props}
                value={projectRole}
                onChange={(event) => setProjectRole(event.target.value as RoomRole)}
              >
                {ROOM_ROLES.map((each) => (
                  <option key={each} value={each}>
                    {ROOM_ROLE_NAMES[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Field label="Only for this address" hint="Optional. Then nobody else can use the link.">
          {(props) => (
            <Input
              {...props}
              type="email"
              value={email}
              maxLength={254}
              onChange={(event) => setEmail(event.target.value)}
              placeholder="ada@example.org"
            />
          )}
        </Field>
        <Field label="Works for">
          {(props) => (
            <Select {...props} value={hours} onChange={(event) => setHours(Number(event.target.value))}>
              <option value={24}>1 day</option>
              <option value={72}>3 days</option>
              <option value={168}>7 days</option>
              <option value={720}>30 days</option>
            </Select>
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          Make the link
        </Button>
      </DialogFooter>
    </form>
  );
}
