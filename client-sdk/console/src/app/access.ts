/** What the signed-in member may do, as far as the console can tell; the server decides. */

import type { Member, Membership, Project, RoomRole, SealedRoomView, WorkspaceRole } from "@ymera/client";

export const ROOM_ROLES: readonly RoomRole[] = ["viewer", "editor", "manager"];
export const WORKSPACE_ROLES: readonly WorkspaceRole[] = ["guest", "member", "admin", "owner"];

export function isAdmin(me: Pick<Member, "role">): boolean {
  return me.role === "admin" || me.role === "owner";
}

/** Workspace roles that someone may give: up to their own. */
export function grantable(me: Pick<Member, "role">): readonly WorkspaceRole[] {
  return isAdmin(me) ? WORKSPACE_ROLES.slice(0, WORKSPACE_ROLES.indexOf(me.role) + 1) : [];
}

export interface Access {
  canEdit: boolean;
  canManage: boolean;
  canTalk: boolean;
}

/** In a project: an archived one can be read, and reopened by its managers, but not changed. */
export function projectAccess(
  me: Pick<Member, "role">,
  membership: Membership | undefined,
  project: Project | undefined,
): Access {
  const role = isAdmin(me) ? "manager" : membership?.role;
  const frozen = project === undefined || project.state === "archived" || project.purge_at !== null;
  const writes = role === "editor" || role === "manager";
  return { canEdit: writes && !frozen, canManage: role === "manager", canTalk: writes && !frozen };
}

/** In an encrypted room: its members say who may do what, whatever one is in the workspace. */
export function sealedAccess(room: SealedRoomView | null, archived: boolean): Access {
  const role = room?.role ?? null;
  const writes = role !== null && role !== "reader" && room?.halted === null && !archived;
  return { canEdit: writes, canManage: role === "admin" || role === "owner", canTalk: writes };
}
