/** Encrypted rooms in React: how this device stands, how a room stands, who has keys. */

import type { Client, PairingFlow, Readable, Sealed, SealedRoomView, SealedStatus } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";

import { useClient, useDirectory, useMe, useRoom } from "#/app/client";

/** Members whose identities the server tells at once. */
const MAX_ASKED = 200;

export function useSealed(): Sealed {
  return useClient().sealed;
}

export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.get);
}

/** How this device stands. */
export function useSealedStatus(): SealedStatus {
  return useReadable(useSealed().status);
}

/** Pairings under way, those that other devices have begun included. */
export function usePairings(): readonly PairingFlow[] {
  return useReadable(useSealed().pairings);
}

const NO_ROOM: Readable<null> = { get: () => null, subscribe: () => () => undefined };

/** How an encrypted room stands; null for an open one (`id` null), and until it is known. */
export function useSealedRoom(id: string | null): SealedRoomView | null {
  const sealed = useSealed();
  const room = useMemo<Readable<SealedRoomView | null>>(
    () => (id === null ? NO_ROOM : sealed.room(id)),
    [sealed, id],
  );
  return useReadable(room);
}

/** How these encrypted rooms stand: a new list whenever one of them stands differently. */
export function useSealedRooms(ids: readonly string[]): readonly (SealedRoomView | null)[] {
  const sealed = useSealed();
  return useReadable(useMemo(() => together(ids.map((id) => sealed.room(id))), [sealed, ids]));
}

/** Several values as one. */
export function together<T>(all: readonly Readable<T>[]): Readable<readonly T[]> {
  let values: readonly T[] = [];
  return {
    get: () => {
      const now = all.map(({ get }) => get());
      // The same list as long as nothing has changed: it is compared by identity.
      if (now.length !== values.length || now.some((value, at) => value !== values[at])) values = now;
      return values;
    },
    subscribe: (listener) => {
      const stops = all.map(({ subscribe }) => subscribe(listener));
      return () => stops.forEach((stop) => stop());
    },
  };
}

/** Whether all of a room was read that can be: of one that stands still, nothing more can. */
export function isReadUp(room: SealedRoomView | null): boolean {
  return room !== null && (room.halted !== null || room.progress.applied >= room.progress.head);
}

/** The devices of the own identity, asked for again whenever this device stands differently. */
export function useDevices() {
  const sealed = useSealed();
  const queries = useQueryClient();
  const status = useSealedStatus();
  const pairings = usePairings();
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["own-devices"] });
  }, [queries, status, pairings]);
  return useQuery({
    queryKey: ["own-devices"],
    enabled: status.state === "ready",
    staleTime: 0,
    queryFn: () => sealed.devices(),
  });
}

/** Which of these members have an identity, so that they can be in an encrypted room. */
export function useWhoHasKeys(members: readonly string[]) {
  const client = useClient();
  const asked = [...members].sort();
  const known = useQuery({
    queryKey: ["identities", asked],
    enabled: asked.length > 0,
    // Somebody may have made keys since the last dialog.
    staleTime: 0,
    queryFn: () => whoHasKeys(client, asked),
  });
  const keyed = useMemo(() => known.data && new Set(known.data), [known.data]);
  return { keyed, error: known.error };
}

/** Those of these members that have an identity, asked for in turn as many at once as the server tells. */
export async function whoHasKeys(
  client: Pick<Client, "call">,
  members: readonly string[],
): Promise<string[]> {
  const keyed: string[] = [];
  for (let from = 0; from < members.length; from += MAX_ASKED) {
    const told = await client.call("identity.list", { members: members.slice(from, from + MAX_ASKED) });
    keyed.push(...told.map(({ id }) => id));
  }
  return keyed;
}

/** What members are called; of some identities nobody says whose they are. */
export function useNameOf(): (memberId: string | null) => string {
  const { nameOf } = useDirectory();
  return (memberId) => (memberId === null ? "Somebody unknown" : nameOf(memberId));
}

/** Whether a room that one is in is encrypted. */
export function useIsEncrypted(room: string): boolean {
  return useRoom(useMe().id).state.memberships[room]?.kind === "sealed";
}
