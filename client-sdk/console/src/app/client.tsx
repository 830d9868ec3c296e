/** The SDK's client in React: its status, its rooms, and who is who. */

import type { Client, LiveRoom, Member, RoomState, Status, Workspace, YmeraError } from "@ymera/client";
import { EMPTY_STATE, isYmeraError } from "@ymera/client";
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";

const Context = createContext<Client | null>(null);

export const ClientProvider = Context.Provider;

export function useClient(): Client {
  const client = useContext(Context);
  if (!client) throw new Error("useClient needs a ClientProvider above it");
  return client;
}

export function useStatus(): Status {
  const { status } = useClient();
  return useSyncExternalStore(status.subscribe, status.get);
}

/** Whether commands reach the server now. */
export function useIsOnline(): boolean {
  const { phase } = useStatus();
  return phase === "live" || phase === "catching_up";
}

/** Calls back whenever the signed-in member or the workspace may have changed. */
function useIdentity<T>(read: (client: Client) => T | null): T | null {
  const client = useClient();
  return useSyncExternalStore(
    (listener) => {
      const stops = [client.status.subscribe(listener), client.workspaceRoom?.subscribe(listener)];
      return () => stops.forEach((stop) => stop?.());
    },
    () => read(client),
  );
}

/** The signed-in member; null before the first connection. */
export function useMeIfKnown(): Member | null {
  return useIdentity((client) =>
    client.me ? (client.workspaceRoom?.get("members", client.me.id) ?? client.me) : null,
  );
}

/** The signed-in member. Only below the shell, which waits for it. */
export function useMe(): Member {
  const me = useMeIfKnown();
  if (!me) throw new Error("nobody is signed in");
  return me;
}

/** One's own address, which the workspace's room does not tell. */
export function useMyEmail(): string | null {
  const client = useClient();
  const own = useQuery({ queryKey: ["me"], queryFn: () => client.rest.me(), staleTime: Infinity });
  return own.data?.me.email ?? null;
}

export function useWorkspace(): Workspace {
  const workspace = useIdentity((client) => client.workspace);
  if (!workspace) throw new Error("nobody is signed in");
  return workspace;
}

const nothing = () => () => undefined;

/** A room in use, or why it cannot be: a client uses only so many at once. */
export interface Opened {
  id: string;
  room: LiveRoom | null;
  error: YmeraError | null;
}

export function openRoom(client: Pick<Client, "room">, id: string): Opened {
  try {
    return { id, room: client.room(id), error: null };
  } catch (error) {
    if (!isYmeraError(error, "limit_exceeded")) throw error;
    return { id, room: null, error };
  }
}

const CLOSED = { room: null, error: null };

function useOpenRoom(id: string): Omit<Opened, "id"> {
  const client = useClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  // Before the paint: a room that is still open from the page before shows at once.
  useLayoutEffect(() => {
    const now = openRoom(client, id);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- opening counts a user, so it cannot happen while rendering
    setOpened(now);
    return () => now.room?.close();
  }, [client, id]);
  return opened?.id === id ? opened : CLOSED;
}

export interface RoomView {
  id: string;
  room: LiveRoom | null;
  state: RoomState;
  /** True once the state is the room's; it may be old while offline. */
  ready: boolean;
  /** Set when one may not be here, or no longer. */
  error: YmeraError | null;
}

/** A room's state, live, for as long as the calling component is mounted. */
export function useRoom(id: string): RoomView {
  const { room, error: unopened } = useOpenRoom(id);
  const subscribe = room?.subscribe ?? nothing;
  const state = useSyncExternalStore(subscribe, () => room?.state ?? EMPTY_STATE);
  const ready = useSyncExternalStore(subscribe, () => (room?.kind ?? null) !== null);
  const error = useSyncExternalStore(subscribe, () => room?.error ?? unopened);
  return { id, room, state, ready, error };
}

const NOBODY: LiveRoom["presence"] = {};
const SILENCE: LiveRoom["typing"] = [];

/** Who is in a room now, by member id. */
export function usePresence(room: LiveRoom | null): LiveRoom["presence"] {
  return useSyncExternalStore(room?.subscribe ?? nothing, () => room?.presence ?? NOBODY);
}

/** Who types in a room now. */
export function useTyping(room: LiveRoom | null): LiveRoom["typing"] {
  return useSyncExternalStore(room?.subscribe ?? nothing, () => room?.typing ?? SILENCE);
}

export type Named = Pick<Member, "id" | "name" | "kind" | "active">;

export interface Directory {
  people: readonly Named[];
  get: (id: string | null | undefined) => Named | undefined;
  /** The member's name; a neutral word for one that cannot be seen from here. */
  nameOf: (id: string | null | undefined) => string;
}

/** Everyone whom the signed-in member can see: live from the workspace's room, for guests by asking. */
export function useDirectory(): Directory {
  const client = useClient();
  const me = useMe();
  const guest = me.role === "guest";
  const workspace = useWorkspace();
  const { state } = useRoom(guest ? me.id : workspace.id);
  const listed = useQuery({
    queryKey: ["members", "visible"],
    enabled: guest,
    queryFn: () => client.call("member.list", { limit: 200 }).then((page) => page.items),
  });
  const live = state.members;
  return useMemo(
    () => directoryOf(guest ? (listed.data ?? [me]) : Object.values(live)),
    [guest, listed.data, live, me],
  );
}

function directoryOf(members: readonly Named[]): Directory {
  const byId = new Map(members.map((member) => [member.id, member]));
  return {
    people: [...members].sort((a, b) => a.name.localeCompare(b.name)),
    get: (id) => (id ? byId.get(id) : undefined),
    nameOf: (id) => (id ? (byId.get(id)?.name ?? "Someone") : "YMERA"),
  };
}
