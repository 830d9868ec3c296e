import { MAX_DIRECT_MEMBERS } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { useClient, useDirectory, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { EncryptionChoice, NewSealed } from "#/features/encryption/new-sealed";
import { PeoplePicker } from "#/features/members/people-picker";
import { Dialog } from "#/ui/dialog";
import { CheckField, DialogForm, TextField, useSubmission } from "#/ui/form";

import { useOpenDirect } from "./open-direct";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewChannel({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New channel"
      description="A place to talk about one thing, for as long as it takes."
    >
      <OpenOrEncrypted done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function OpenOrEncrypted({ done }: { done: () => void }) {
  const [encrypted, setEncrypted] = useState(false);
  return (
    <>
      <EncryptionChoice value={encrypted} onChange={setEncrypted} />
      {encrypted ? <NewSealed form="conversation" done={done} /> : <ChannelForm done={done} />}
    </>
  );
}

export function NewEncrypted({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New encrypted conversation"
      description="Only the devices of its members can read it."
    >
      <NewSealed form="conversation" done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function ChannelForm({ done }: { done: () => void }) {
  const client = useClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [members, setMembers] = useState<string[]>([]);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const room = await client.call("room.create", { name: name.trim(), topic, private: isPrivate, members });
    done();
    await navigate({ to: "/rooms/$roomId", params: { roomId: room.id } });
  });
  return (
    <DialogForm
      action="Create channel"
      busy={busy}
      disabled={!name.trim()}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <TextField
        label="Name"
        error={error ? messageOf(error) : null}
        value={name}
        onChange={setName}
        required
        maxLength={100}
        placeholder="design"
      />
      <TextField
        label="Topic"
        value={topic}
        onChange={setTopic}
        maxLength={300}
        placeholder="What is talked about here"
      />
      <PeoplePicker label="Members" chosen={members} onChange={setMembers} />
      <CheckField
        label="Private"
        hint="Only its members can see that it exists."
        value={isPrivate}
        onChange={setPrivate}
      />
    </DialogForm>
  );
}

export function NewDirect({ open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New direct message"
      description={`With one or more people, up to ${MAX_DIRECT_MEMBERS - 1}.`}
    >
      <DirectForm done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function DirectForm({ done }: { done: () => void }) {
  const me = useMe();
  const { people } = useDirectory();
  const openDirect = useOpenDirect();
  const [members, setMembers] = useState<string[]>([]);
  const alone = people.every((person) => person.id === me.id);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    done();
    openDirect(members);
  };
  return (
    <DialogForm action="Open conversation" disabled={members.length === 0} onSubmit={submit} onCancel={done}>
      {alone ? (
        <p className="text-sm text-ink-2">
          There is nobody else yet. Invite someone on the members page first.
        </p>
      ) : (
        <PeoplePicker label="To" chosen={members} onChange={setMembers} limit={MAX_DIRECT_MEMBERS - 1} />
      )}
    </DialogForm>
  );
}
