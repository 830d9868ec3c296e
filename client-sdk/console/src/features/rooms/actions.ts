/** Saying things and taking them back: each shows at once and rolls back if it is refused. */

import type { Client, Message, MessageFile, MessageSend } from "@ymera/client";

/** The seq of a message that the server has not placed yet: it stands at the end. */
const UNPLACED = Number.MAX_SAFE_INTEGER;

export function isPending(message: Message): boolean {
  return message.seq === UNPLACED;
}

export interface Where {
  room: string;
  thread_id?: string | undefined;
  task_id?: string | undefined;
}

/** Sends a message to a room, into a thread, or as a comment on a task. */
export function sendMessage(
  client: Client,
  id: string,
  me: string,
  where: Where,
  text: string,
  files: readonly MessageFile[] = [],
): Promise<Message> {
  const entity: Message = {
    id,
    version: 1,
    room: where.room,
    seq: UNPLACED,
    author_id: me,
    text,
    thread_id: where.thread_id ?? null,
    task_id: where.task_id ?? null,
    mentions: [],
    reactions: {},
    reply_count: 0,
    created_at: new Date().toISOString(),
    edited_at: null,
    deleted: false,
    files,
  };
  const options = { optimistic: [{ room: where.room, collection: "messages", entity }] } as const;
  if (where.task_id) return client.call("task.comment", { task_id: where.task_id, text, id }, options);
  const payload: MessageSend = {
    room: where.room,
    text,
    id,
    ...(where.thread_id && { thread_id: where.thread_id }),
    ...(files.length > 0 && { files: files.map((file) => file.id) }),
  };
  return client.call("message.send", payload, options);
}

export function editMessage(client: Client, message: Message, text: string): Promise<Message> {
  const patch = { id: message.id, text, edited_at: new Date().toISOString() };
  return client.call(
    "message.edit",
    { message_id: message.id, text },
    { optimistic: [{ room: message.room, collection: "messages", patch }] },
  );
}

export function deleteMessage(client: Client, message: Message): Promise<Message> {
  const patch = { id: message.id, text: "", deleted: true };
  return client.call(
    "message.delete",
    { message_id: message.id },
    { optimistic: [{ room: message.room, collection: "messages", patch }] },
  );
}

/** Adds one's reaction, or takes it back if it is there. */
export function toggleReaction(
  client: Client,
  message: Message,
  me: string,
  emoji: string,
): Promise<Message> {
  const reactions = withReaction(message.reactions, me, emoji);
  const on = reactions[emoji]?.includes(me) ?? false;
  const patch = { id: message.id, reactions };
  return client.call(
    "message.react",
    { message_id: message.id, emoji, on },
    { optimistic: [{ room: message.room, collection: "messages", patch }] },
  );
}

export function withReaction(
  reactions: Message["reactions"],
  me: string,
  emoji: string,
): Record<string, string[]> {
  const before = reactions[emoji] ?? [];
  const after = before.includes(me) ? before.filter((id) => id !== me) : [...before, me];
  const others = Object.entries(reactions).filter(([each]) => each !== emoji);
  const entries: [string, string[]][] = others.map(([each, ids]) => [each, [...ids]]);
  return Object.fromEntries(after.length > 0 ? [...entries, [emoji, after]] : entries);
}

export function markRead(client: Client, me: string, room: string, seq: number): Promise<unknown> {
  return client.call(
    "room.mark_read",
    { room, seq },
    { optimistic: [{ room: me, collection: "memberships", patch: { id: room, read_seq: seq } }] },
  );
}
