import type { FileDetails, FileGrant, RoomRole } from "@ymera/client";
import { Lock, LockOpen, UserPlus, X } from "lucide-react";
import { useState } from "react";

import { useDirectory } from "#/app/client";
import { messageOf } from "#/app/errors";
import { ROOM_ROLE_NAMES } from "#/features/members/roles";
import { Avatar } from "#/ui/avatar";
import { Button, IconButton } from "#/ui/button";
import { fromLocal, momentOf } from "#/ui/dates";
import { Dialog } from "#/ui/dialog";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";
import { Section } from "#/ui/section";

import { useFileChange } from "./use-files";

interface FileAccessProps {
  details: FileDetails;
  nameOf: (id: string) => string;
}

/** Who has a file: everybody in its room or only some, and who else until when. */
export function FileAccess({ details: { file, grants }, nameOf }: FileAccessProps) {
  const { run } = useFileChange();
  const [granting, setGranting] = useState(false);
  const restrict = () =>
    run(
      (client) => client.call("file.restrict", { file_id: file.id, restricted: !file.restricted }),
      "The access could not be changed",
    );
  return (
    <div className="flex flex-col gap-6">
      <div className="flex items-start gap-3 rounded-lg border p-3">
        {file.restricted ? (
          <Lock aria-hidden className="mt-0.5 size-4 text-warn" />
        ) : (
          <LockOpen aria-hidden className="mt-0.5 size-4 text-ink-3" />
        )}
        <p className="min-w-0 flex-1 text-sm">
          <span className="font-medium">{file.restricted ? "Restricted" : "Everybody in its place"}</span>
          <span className="block text-xs text-ink-3">
            {file.restricted
              ? "Only managers, whoever made it, and those below have it."
              : "Whoever sees the project or conversation has it, by their role there."}
          </span>
        </p>
        <Button size="sm" onClick={restrict}>
          {file.restricted ? "Show to everybody" : "Restrict"}
        </Button>
      </div>
      <Section
        title="Given access"
        action={
          <Button size="sm" onClick={() => setGranting(true)}>
            <UserPlus aria-hidden className="size-3.5" /> Give access
          </Button>
        }
      >
        {grants.length === 0 ? (
          <p className="text-sm text-ink-3">Nobody besides.</p>
        ) : (
          <ul className="rounded-lg border">
            {grants.map((grant) => (
              <Grant key={grant.id} fileId={file.id} grant={grant} nameOf={nameOf} />
            ))}
          </ul>
        )}
      </Section>
      <Dialog
        open={granting}
        onOpenChange={setGranting}
        title={`Give access to ${file.name}`}
        description="Also to somebody who sees nothing else of its project or conversation."
      >
        <GrantForm fileId={file.id} done={() => setGranting(false)} />
      </Dialog>
    </div>
  );
}

function whose({ member_id, role }: FileGrant, nameOf: (id: string) => string): string {
  if (member_id !== null) return nameOf(member_id);
  return role === null ? "Nobody" : rolesFrom(role);
}

function rolesFrom(role: RoomRole): string {
  return role === "viewer"
    ? "Everybody in its place"
    : `Its ${role === "editor" ? "editors and managers" : "managers"}`;
}

interface GrantProps {
  fileId: string;
  grant: FileGrant;
  nameOf: (id: string) => string;
}

function Grant({ fileId, grant, nameOf }: GrantProps) {
  const { run } = useFileChange();
  const name = whose(grant, nameOf);
  const revoke = () =>
    run(
      (client) => client.call("file.revoke", { file_id: fileId, grant_id: grant.id }),
      "The access could not be taken back",
    );
  return (
    <li className="flex min-h-11 items-center gap-2.5 border-b px-3 py-1.5 last:border-b-0">
      {grant.member_id && <Avatar id={grant.member_id} name={name} size="sm" />}
      <p className="min-w-0 flex-1 truncate text-sm">
        {name}
        <span className="block text-xs text-ink-3">
          {grant.access === "viewer" ? "Reads" : "Changes it too"}
          {grant.until && `, until ${momentOf(grant.until)}`}
        </span>
      </p>
      <IconButton label={`Take access from ${name}`} onClick={revoke}>
        <X />
      </IconButton>
    </li>
  );
}

const ROLE_PREFIX = "role ";

function GrantForm({ fileId, done }: { fileId: string; done: () => void }) {
  const { change } = useFileChange();
  const { people } = useDirectory();
  const active = people.filter((person) => person.active);
  const [to, setTo] = useState<string>(active[0]?.id ?? `${ROLE_PREFIX}viewer`);
  const [access, setAccess] = useState<"viewer" | "editor">("viewer");
  const [until, setUntil] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    const whom = to.startsWith(ROLE_PREFIX)
      ? { role: to.slice(ROLE_PREFIX.length) as RoomRole }
      : { member_id: to };
    await change((client) =>
      client.call("file.grant", { file_id: fileId, ...whom, access, until: fromLocal(until) }),
    );
    done();
  });
  return (
    <DialogForm action="Give access" busy={busy} onSubmit={onSubmit} onCancel={done}>
      <SelectField
        label="To"
        value={to}
        onChange={setTo}
        choices={[
          ...active.map(({ id, name, kind }) => [id, kind === "agent" ? `${name}, agent` : name] as const),
          ...(["viewer", "editor"] as const).map((role) => [ROLE_PREFIX + role, rolesFrom(role)] as const),
        ]}
      />
      <SelectField
        label="May"
        value={access}
        onChange={setAccess}
        choices={[
          ["viewer", `Read it (${ROOM_ROLE_NAMES.viewer})`],
          ["editor", `Change it (${ROOM_ROLE_NAMES.editor})`],
        ]}
      />
      <TextField
        label="Until (optional)"
        hint="It ends by itself then."
        error={error ? messageOf(error) : null}
        type="datetime-local"
        value={until}
        onChange={setUntil}
      />
    </DialogForm>
  );
}
