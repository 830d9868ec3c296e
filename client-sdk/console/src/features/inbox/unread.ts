import type { RoomState } from "@ymera/client";

/** How many notifications of one's inbox are new. */
export function unreadNotifications(state: RoomState, me: string): number {
  const read = state.memberships[me]?.read_seq ?? 0;
  return Object.values(state.notifications).filter((notification) => notification.seq > read).length;
}
