/** What the console knows about conversations without asking: titles, unread marks, how messages stand together. */

import type { Membership, Message, Participant, Room, RoomState } from "@ymera/client";

/** A channel's name; for a direct conversation, whom it is with. */
export function titleOf(
  room: Pick<Room | Membership, "name">,
  others: readonly Pick<Participant, "name">[],
): string {
  if (room.name) return room.name;
  if (others.length === 0) return "Just you";
  return others.map(({ name }) => name).join(", ");
}

/** Messages of the main conversation: neither answers in a thread nor comments on a task. */
export function isTopLevel(message: Message): boolean {
  return message.thread_id === null && message.task_id === null;
}

/** How many messages of others came after the read marker. */
export function unreadMessages(state: RoomState, membership: Membership, me: string): number {
  return Object.values(state.messages).filter(
    (message) =>
      message.seq > membership.read_seq &&
      message.author_id !== me &&
      !message.deleted &&
      isTopLevel(message),
  ).length;
}

export function bySeq(a: Message, b: Message): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : 1);
}

/** Older pages and the live window as one list, oldest first. Of two versions of a message the newer counts. */
export function merged(older: Iterable<Message>, live: Iterable<Message>): Message[] {
  const byId = new Map<string, Message>();
  for (const messages of [older, live]) {
    for (const message of messages) {
      const known = byId.get(message.id);
      if (!known || message.version >= known.version) byId.set(message.id, message);
    }
  }
  return [...byId.values()].sort(bySeq);
}

const TOGETHER_MS = 5 * 60_000;

/** Whether a message stands under the one before it without naming its author again. */
export function continues(before: Message | undefined, message: Message): boolean {
  return (
    before?.author_id === message.author_id &&
    !before.deleted &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < TOGETHER_MS
  );
}
