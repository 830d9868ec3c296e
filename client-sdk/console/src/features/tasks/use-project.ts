import type { Membership, Participant, Project, Task } from "@ymera/client";
import { useMemo } from "react";

import { type Access, projectAccess } from "#/app/access";
import { type RoomView, useDirectory, useMe, useRoom } from "#/app/client";

export type ProjectView = RoomView & {
  project: Project | undefined;
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
  return { ...view, project, tasks, people, nameOf, access: projectAccess(me, membership, project) };
}
