import { MAX_DIRECT_MEMBERS } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { useClient, useDirectory, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { PeoplePicker } from "#/features/members/people-picker";
import { Button } from "#/ui/button";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Field, Input } from "#/ui/field";

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
      <ChannelForm done={() => onOpenChange(false)} />
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const room = await client.call("room.create", {
        name: name.trim(),
        topic,
        private: isPrivate,
        members,
      });
      done();
      await navigate({ to: "/rooms/$roomId", params: { roomId: room.id } });
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
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        <Field label="Name" error={error}>
          {(props) => (
            <Input
              {...props}
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
              maxLength={100}
              placeholder="design"
            />
          )}
        </Field>
        <Field label="Topic">
          {(props) => (
            <Input
              {...props}
              value={topic}
              onChange={(event) => setTopic(event.target.value)}
              maxLength={300}
              placeholder="What is talked about here"
            />
          )}
        </Field>
        <PeoplePicker label="Members" chosen={members} onChange={setMembers} />
        <label className="flex items-start gap-2.5 text-sm">
          <input
            type="checkbox"
            checked={isPrivate}
            onChange={(event) => setPrivate(event.target.checked)}
            className="mt-0.5 size-4 accent-accent-solid"
          />
          <span>
            Private
            <span className="block text-xs text-ink-3">Only its members can see that it exists.</span>
          </span>
        </label>
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy} disabled={!name.trim()}>
          Create channel
        </Button>
      </DialogFooter>
    </form>
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
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        {alone ? (
          <p className="text-sm text-ink-2">
            There is nobody else yet. Invite someone on the members page first.
          </p>
        ) : (
          <PeoplePicker label="To" chosen={members} onChange={setMembers} limit={MAX_DIRECT_MEMBERS - 1} />
        )}
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" disabled={members.length === 0}>
          Open conversation
        </Button>
      </DialogFooter>
    </form>
  );
}
