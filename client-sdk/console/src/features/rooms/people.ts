import { useCallback, useMemo } from "react";

import { type RoomView, useDirectory } from "#/app/client";

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
  return { people, nameOf, isAgent };
}
