import type { Trust } from "@ymera/client";
import { useCallback, useMemo } from "react";

import { type RoomView, useDirectory, useMe } from "#/app/client";
import { useSealedRoom } from "#/features/encryption/use-sealed";

import type { Person } from "./mentions";

/** Who is in a room, and what those are called who wrote in it. */
export function usePeopleOf(view: RoomView) {
  const directory = useDirectory();
  const { participants } = view.state;
  const people = useMemo<Person[]>(
    () => Object.values(participants).map(({ id, name }) => ({ id, name })),
    [participants],
  );
  const nameOf = useCallback(
    (id: string) => participants[id]?.name ?? directory.nameOf(id),
    [participants, directory],
  );
  const isAgent = useCallback(
    (id: string) => (participants[id]?.kind ?? directory.get(id)?.kind) === "agent",
    [participants, directory],
  );
  return { people, nameOf, isAgent, trustOf: useTrust(view) };
}

/** In an encrypted room, whether it is known that others are who they seem; null for oneself and elsewhere. */
function useTrust(view: RoomView): (id: string) => Trust | null {
  const me = useMe();
  const members = useSealedRoom(view.room?.kind === "sealed" ? view.id : null)?.members;
  return useCallback(
    (id) => (id === me.id ? null : (members?.find(({ memberId }) => memberId === id)?.trust ?? null)),
    [members, me.id],
  );
}
