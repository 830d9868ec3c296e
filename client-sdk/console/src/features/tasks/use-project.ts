import type { Membership, Participant, Project, SealedRoomView, Task } from "@ymera/client";
import { useMemo } from "react";

import { type Access, projectAccess, sealedAccess } from "#/app/access";
import { type RoomView, useDirectory, useMe, useRoom } from "#/app/client";
import { useSealedRoom } from "#/features/encryption/use-sealed";

export type ProjectView = RoomView & {
  project: Project | undefined;
  /** Of an encrypted project: its members alone can read it, and the server does nothing in it. */
  encrypted: boolean;
  /** How an encrypted project stands; null until it is known. */
  sealed: SealedRoomView | null;
  access: Access;
  tasks: Readonly<Record<string, Task>>;
  /** Those who can be assigned, by name. */
  people: readonly Participant[];
  nameOf: (id: string | null | undefined) => string;
};

/** A project's room as its pages need it. */
export function useProject(projectId: string): ProjectView {
  const me = useMe();
  const view = useRoom(projectId);
  const inbox = useRoom(me.id).state.memberships;
  const directory = useDirectory();
  const membership: Membership | undefined = inbox[projectId];
  const { participants, projects, tasks } = view.state;
  const project = projects[projectId];
  const people = useMemo(
    () => Object.values(participants).sort((a, b) => a.name.localeCompare(b.name)),
    [participants],
  );
  const nameOf = (id: string | null | undefined) => participants[id ?? ""]?.name ?? directory.nameOf(id);
  const encrypted = membership?.kind === "sealed";
  const sealed = useSealedRoom(encrypted ? projectId : null);
  const access = encrypted
    ? sealedAccess(sealed, project?.state === "archived")
    : projectAccess(me, membership, project);
  return { ...view, project, encrypted, sealed, tasks, people, nameOf, access };
}
