import type { AgentDetails } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Pencil, Power } from "lucide-react";
import { useState } from "react";

import { isAdmin } from "#/app/access";
import { useClient, useMe } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { IconButton } from "#/ui/button";
import { Confirm, Dialog } from "#/ui/dialog";
import { AreaField, DialogForm, TextField, useSubmission } from "#/ui/form";
import { Menu, MenuItem, MenuSeparator } from "#/ui/menu";

import { AgentCredentials } from "./agent-credentials";
import { OwnerField } from "./register-agent";

type Open = "edit" | "rotate" | "retire" | null;

/** What an agent's owner and admins can do with it. */
export function AgentActions({ details }: { details: AgentDetails }) {
  const client = useClient();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const [token, setToken] = useState<string | null>(null);
  const { agent, member } = details;
  const close = () => setOpen(null);
  const rotate = async () => {
    const made = await client.call("agent.rotate_token", { agent_id: agent.id });
    setToken(made.token);
    await queries.invalidateQueries({ queryKey: ["agents"] });
  };
  const retire = async () => {
    await client.call("agent.retire", { agent_id: agent.id });
    await queries.invalidateQueries({ queryKey: ["agents"] });
  };
  return (
    <>
      <Menu
        align="end"
        label={`Manage ${member.name}`}
        trigger={
          <IconButton label={`Manage ${member.name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil />} onSelect={() => setOpen("edit")}>
          Edit…
        </MenuItem>
        <MenuItem icon={<KeyRound />} onSelect={() => setOpen("rotate")}>
          Replace its token…
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<Power />} danger onSelect={() => setOpen("retire")}>
          Retire…
        </MenuItem>
      </Menu>
      <Confirm
        open={open === "rotate"}
        onOpenChange={close}
        title={`Replace the token of ${member.name}?`}
        description="The present one stops working at once, and its processes lose their connections."
        action="Replace token"
        onConfirm={() => act(rotate(), "The token could not be replaced")}
      />
      <Confirm
        open={open === "retire"}
        onOpenChange={close}
        title={`Retire ${member.name}?`}
        description="For good: its token, its access and its runs end now. What it did stays."
        action="Retire agent"
        onConfirm={() => act(retire(), "The agent could not be retired")}
      />
      <Dialog open={open === "edit"} onOpenChange={close} title={`Edit ${member.name}`}>
        <Edit key={agent.version} details={details} done={close} />
      </Dialog>
      <Dialog
        open={token !== null}
        onOpenChange={() => setToken(null)}
        title={`Token of ${member.name}`}
        wide
      >
        {token && (
          <AgentCredentials
            name={member.name}
            token={token}
            withProgram={false}
            done={() => setToken(null)}
          />
        )}
      </Dialog>
    </>
  );
}

function Edit({ details, done }: { details: AgentDetails; done: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const me = useMe();
  const { agent, member } = details;
  const [name, setName] = useState(member.name);
  const [description, setDescription] = useState(agent.description);
  const [picture, setPicture] = useState(agent.picture ?? "");
  const [owner, setOwner] = useState(agent.owner_id);
  const { busy, error, onSubmit } = useSubmission(async () => {
    await client.call("agent.update", {
      agent_id: agent.id,
      version: agent.version,
      name: name.trim(),
      description,
      picture: picture.trim() || null,
      ...(owner !== agent.owner_id && { owner_id: owner }),
    });
    await queries.invalidateQueries({ queryKey: ["agents"] });
    done();
  });
  return (
    <DialogForm action="Save" busy={busy} disabled={!name.trim()} onSubmit={onSubmit} onCancel={done}>
      <div className="grid grid-cols-[minmax(0,1fr)_5rem] gap-3">
        <TextField
          label="Name"
          error={error ? messageOf(error) : null}
          value={name}
          onChange={setName}
          required
          maxLength={100}
        />
        <TextField label="Picture" value={picture} onChange={setPicture} maxLength={32} placeholder="🤖" />
      </div>
      <AreaField label="Description" value={description} onChange={setDescription} minRows={2} maxRows={8} />
      {(isAdmin(me) || owner === me.id) && <OwnerField value={owner} onChange={setOwner} />}
    </DialogForm>
  );
}
