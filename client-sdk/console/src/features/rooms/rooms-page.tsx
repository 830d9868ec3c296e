import { useNavigate } from "@tanstack/react-router";
import { Hash, Lock, MessagesSquare, Plus } from "lucide-react";
import { useState } from "react";

import { useClient, useIsOnline, useMe, useRoom, useWorkspace } from "#/app/client";
import { useOverlays } from "#/app/overlays";
import { PageHeader, PageTitle } from "#/app/shell";
import { useMemberships } from "#/app/sidebar";
import { archivedIn } from "#/features/encryption/name";
import { SealedList } from "#/features/encryption/sealed-list";
import { useTitle } from "#/app/title";
import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { SearchField } from "#/ui/search-field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";
import { Segments } from "#/ui/tabs";
import { useQuery } from "@tanstack/react-query";
import type { Room } from "@ymera/client";

type View = "open" | "archived";

/** Every channel that one may enter: those one is in first. */
export function RoomsPage() {
  useTitle("Conversations");
  const me = useMe();
  const { create } = useOverlays();
  const [view, setView] = useState<View>("open");
  const [query, setQuery] = useState("");
  return (
    <>
      <PageHeader title={<PageTitle>Conversations</PageTitle>}>
        <Button size="sm" onClick={() => create("direct")}>
          New message
        </Button>
        {me.role !== "guest" && (
          <Button size="sm" look="primary" onClick={() => create("channel")}>
            <Plus aria-hidden className="size-3.5" /> New channel
          </Button>
        )}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-3xl px-4 pt-4 pb-10">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <SearchField
              label="Find a conversation"
              placeholder="Find a conversation…"
              value={query}
              onChange={setQuery}
            />
            <Segments<View>
              label="Which channels"
              value={view}
              onChange={setView}
              choices={[
                { value: "open", label: "Open" },
                { value: "archived", label: "Archived" },
              ]}
            />
          </div>
          <SealedList
            form="conversation"
            query={query}
            stands={(state, id) => archivedIn(state, id) === (view === "archived")}
          />
          {view === "open" ? <OpenChannels query={query} /> : <ArchivedChannels query={query} />}
        </div>
      </div>
    </>
  );
}

function OpenChannels({ query }: { query: string }) {
  const me = useMe();
  const workspace = useWorkspace();
  const online = useIsOnline();
  const { create } = useOverlays();
  const { channels, sealed } = useMemberships();
  const directory = useRoom(me.role === "guest" ? me.id : workspace.id);
  if (!directory.ready) return online ? <SkeletonRows /> : <OfflineEmpty />;
  const mine = new Set(channels.map(({ id }) => id));
  const known = directory.state.rooms;
  const rows = [
    ...channels.map(({ id, name }) => known[id] ?? { id, name, topic: "", private: true, archived: false }),
    ...Object.values(known).filter((room) => !mine.has(room.id)),
  ].filter((room) => !room.archived && room.name.toLowerCase().includes(query.toLowerCase()));
  if (rows.length === 0)
    return (
      <Empty
        icon={MessagesSquare}
        title={
          query ? `No channel matches “${query}”` : sealed.length > 0 ? "No open channels" : "No channels yet"
        }
        action={
          !query &&
          me.role !== "guest" && (
            <Button look="primary" onClick={() => create("channel")}>
              Create a channel
            </Button>
          )
        }
      >
        {!query && "Channels keep talk about one thing in one place, for everyone who comes later too."}
      </Empty>
    );
  return (
    <ul className="overflow-hidden rounded-lg border">
      {rows.map((room) => (
        <ChannelRow key={room.id} room={room} joined={mine.has(room.id)} />
      ))}
    </ul>
  );
}

function ArchivedChannels({ query }: { query: string }) {
  const client = useClient();
  const { channels } = useMemberships();
  const list = useQuery({
    queryKey: ["rooms", "archived"],
    queryFn: () =>
      client.call("room.list", { archived: true, kind: "channel", limit: 200 }).then((page) => page.items),
  });
  if (list.isPending) return <SkeletonRows />;
  if (list.isError) return <Failed message={messageOf(list.error)} onRetry={() => void list.refetch()} />;
  const rows = list.data.filter((room) => room.name.toLowerCase().includes(query.toLowerCase()));
  if (rows.length === 0) return <Empty icon={MessagesSquare} title="No channel is archived" />;
  return (
    <ul className="overflow-hidden rounded-lg border">
      {rows.map((room) => (
        <ChannelRow key={room.id} room={room} joined={channels.some(({ id }) => id === room.id)} />
      ))}
    </ul>
  );
}

function ChannelRow({
  room,
  joined,
}: {
  room: Pick<Room, "id" | "name" | "topic" | "private">;
  joined: boolean;
}) {
  const navigate = useNavigate();
  const Icon = room.private ? Lock : Hash;
  return (
    <li className="border-b last:border-0">
      <button
        type="button"
        onClick={() => void navigate({ to: "/rooms/$roomId", params: { roomId: room.id } })}
        className="flex h-12 w-full items-center gap-3 px-3.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
        <span className="shrink-0 font-medium">{room.name}</span>
        <span className="min-w-0 flex-1 truncate text-xs text-ink-3">{room.topic}</span>
        {joined ? <span className="text-xs text-ink-3">Joined</span> : <Chip tone="accent">Join</Chip>}
      </button>
    </li>
  );
}
