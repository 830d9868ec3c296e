import type { RoomState } from "@ymera/client";

/** What an encrypted room is called, once its name could be read. */
export function nameIn(state: RoomState, id: string): string {
  return state.projects[id]?.name ?? (state.rooms[id]?.name || "Encrypted room");
}

/** Whether an encrypted room was put away by its members. */
export function archivedIn(state: RoomState, id: string): boolean {
  return state.projects[id]?.state === "archived" || (state.rooms[id]?.archived ?? false);
}
