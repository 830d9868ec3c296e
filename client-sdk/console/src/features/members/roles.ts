import type { RoomRole, WorkspaceRole } from "@ymera/client";

export const ROOM_ROLE_NAMES: Readonly<Record<RoomRole, string>> = {
  viewer: "Viewer",
  editor: "Editor",
  manager: "Manager",
};

export const WORKSPACE_ROLE_NAMES: Readonly<Record<WorkspaceRole, string>> = {
  guest: "Guest",
  member: "Member",
  admin: "Admin",
  owner: "Owner",
};

export const WORKSPACE_ROLE_NOTES: Readonly<Record<WorkspaceRole, string>> = {
  guest: "Sees only the projects and rooms they are added to",
  member: "Makes projects and channels",
  admin: "Manages members and every project",
  owner: "Can do everything",
};
