import type { SealedRoomView } from "@ymera/client";
import { Archive, ArchiveRestore, X } from "lucide-react";
import { useState } from "react";

import { type RoomView, useClient } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { Button, IconButton } from "#/ui/button";
import { TextField, useSubmission } from "#/ui/form";
import { SidePanel } from "#/ui/side-panel";

import { InTheClear } from "./in-the-clear";
import { SealedMembers } from "./sealed-members";
import { Leaving, SealedRules } from "./sealed-rules";
import { rightsIn } from "./words";

interface Props {
  view: RoomView;
  sealed: SealedRoomView;
  name: string;
  onClose: () => void;
}

/** An encrypted conversation's name, members and rules, and what the server sees of it. */
export function SealedDetails({ view, sealed, name, onClose }: Props) {
  const { changesRules } = rightsIn(sealed, null);
  return (
    <SidePanel label="Members and settings" onClose={onClose}>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b px-4">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold">About {name}</h2>
        <IconButton label="Close" keys="esc" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
        {changesRules && <Name key={name} view={view} name={name} />}
        <SealedMembers view={view} sealed={sealed} />
        <SealedRules sealed={sealed} />
        <InTheClear />
        <Leaving sealed={sealed} name={name}>
          {changesRules && <Archiving view={view} />}
        </Leaving>
      </div>
    </SidePanel>
  );
}

function Name({ view, name }: { view: RoomView; name: string }) {
  const client = useClient();
  const room = view.state.rooms[view.id];
  const [next, setNext] = useState(room?.name ?? "");
  const [topic, setTopic] = useState(room?.topic ?? "");
  const { busy, error, onSubmit } = useSubmission(() =>
    client.call("room.update", {
      room: view.id,
      version: room?.version ?? 1,
      name: next.trim(),
      topic,
    }),
  );
  const changed = next.trim() !== (room?.name ?? "") || topic !== (room?.topic ?? "");
  if (!room) return null;
  return (
    <form aria-label={`Name of ${name}`} onSubmit={onSubmit} className="flex flex-col gap-3">
      <TextField
        label="Name"
        error={error ? messageOf(error) : null}
        value={next}
        onChange={setNext}
        required
        maxLength={100}
      />
      <TextField label="Topic" value={topic} onChange={setTopic} maxLength={300} />
      {changed && (
        <Button
          type="submit"
          look="primary"
          size="sm"
          className="self-start"
          busy={busy}
          disabled={!next.trim()}
        >
          Save
        </Button>
      )}
    </form>
  );
}

/** Puts a conversation away, or takes it up again. */
function Archiving({ view }: { view: RoomView }) {
  const client = useClient();
  const room = view.state.rooms[view.id];
  if (!room) return null;
  const { version, archived } = room;
  const change = () =>
    act(
      client.call("room.update", { room: view.id, version, archived: !archived }),
      "The conversation could not be changed",
    );
  return (
    <Button size="sm" onClick={change}>
      {archived ? (
        <ArchiveRestore aria-hidden className="size-3.5" />
      ) : (
        <Archive aria-hidden className="size-3.5" />
      )}
      {archived ? "Reopen" : "Archive"}
    </Button>
  );
}
