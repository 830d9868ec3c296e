import type { Room, RoomRole } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, LogOut, UserPlus, X } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { type RoomView, useClient, useDirectory, useMe, usePresence } from "#/app/client";
import { act, report } from "#/app/errors";
import { ParticipantRow } from "#/features/members/participant-row";
import { Avatar } from "#/ui/avatar";
import { Button, IconButton } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { TextField } from "#/ui/form";
import { Picker } from "#/ui/picker";
import { SidePanel } from "#/ui/side-panel";

interface RoomDetailsProps {
  view: RoomView;
  room: Room;
  canManage: boolean;
  onClose: () => void;
}

/** A channel's name, topic and members. */
export function RoomDetails({ view, room, canManage, onClose }: RoomDetailsProps) {
  return (
    <SidePanel label="Members and settings" onClose={onClose}>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b px-4">
        <h2 className="flex-1 text-base font-semibold">About #{room.name}</h2>
        <IconButton label="Close" keys="esc" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
        {canManage && <Settings key={room.version} room={room} />}
        <Members view={view} room={room} canManage={canManage} />
        <Leaving room={room} canManage={canManage} />
      </div>
    </SidePanel>
  );
}

function Settings({ room }: { room: Room }) {
  const client = useClient();
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic);
  const changed = name.trim() !== room.name || topic !== room.topic;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act(
      client.call("room.update", { room: room.id, version: room.version, name: name.trim(), topic }),
      "The channel could not be changed",
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField label="Name" value={name} onChange={setName} required maxLength={100} />
      <TextField label="Topic" value={topic} onChange={setTopic} maxLength={300} />
      {changed && (
        <Button type="submit" look="primary" size="sm" className="self-start" disabled={!name.trim()}>
          Save
        </Button>
      )}
    </form>
  );
}

function Members({ view, room, canManage }: Omit<RoomDetailsProps, "onClose">) {
  const client = useClient();
  const presence = usePresence(view.room);
  const { people } = useDirectory();
  const { participants } = view.state;
  const shown = Object.values(participants).sort((a, b) => a.name.localeCompare(b.name));
  const others = people.filter((person) => person.active && !participants[person.id]);
  const mayAdd = !room.archived && (canManage || !room.private);
  const add = (member_id: string, role?: RoomRole) =>
    act(
      client.call("room.add_member", { room: room.id, member_id, ...(role && { role }) }),
      "The member could not be added",
    );
  return (
    <section aria-label="Members">
      <div className="mb-1.5 flex items-center">
        <h3 className="flex-1 text-xs font-medium text-ink-3">
          {shown.length === 1 ? "1 member" : `${shown.length} members`}
        </h3>
        {mayAdd && (
          <Picker
            label="Add a member"
            placeholder="Add a member…"
            align="end"
            selected={[]}
            empty="Everyone is here already."
            onPick={(id) => add(id)}
            options={others.map(({ id, name, kind }) => ({
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
        )}
      </div>
      <ul className="flex flex-col">
        {shown.map((person) => (
          <ParticipantRow
            key={person.id}
            person={person}
            presence={presence[person.id] ?? null}
            {...(canManage && {
              onRole: (role: RoomRole) => add(person.id, role),
              onRemove: () =>
                act(
                  client.call("room.remove_member", { room: room.id, member_id: person.id }),
                  "The member could not be removed",
                ),
            })}
          />
        ))}
      </ul>
    </section>
  );
}

function Leaving({ room, canManage }: { room: Room; canManage: boolean }) {
  const client = useClient();
  const me = useMe();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const leave = () => {
    const options = { optimistic: [{ room: me.id, collection: "memberships", drop: room.id }] } as const;
    client
      .call("room.leave", { room: room.id }, options)
      .catch((error: unknown) => report("You could not leave", error));
    void navigate({ to: "/rooms" });
  };
  const archive = () =>
    act(
      client.call("room.update", { room: room.id, version: room.version, archived: !room.archived }),
      "The channel could not be changed",
    );
  return (
    <div className="flex flex-wrap gap-2 border-t pt-4">
      <Button size="sm" onClick={() => setAsking(true)}>
        <LogOut aria-hidden className="size-3.5" /> Leave channel
      </Button>
      {canManage && (
        <Button size="sm" onClick={archive}>
          {room.archived ? (
            <ArchiveRestore aria-hidden className="size-3.5" />
          ) : (
            <Archive aria-hidden className="size-3.5" />
          )}
          {room.archived ? "Reopen channel" : "Archive channel"}
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Leave #${room.name}?`}
        description={
          room.private
            ? "It is private: you need an invitation to come back."
            : "You can join again whenever you like."
        }
        action="Leave channel"
        onConfirm={leave}
      />
    </div>
  );
}
