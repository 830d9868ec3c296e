import type { RoomState } from "@ymera/client";

/** What an encrypted room is called, once its name could be read. */
export function nameIn(state: RoomState, id: string): string {
  return state.projects[id]?.name ?? (state.rooms[id]?.name || "Encrypted room");
}
