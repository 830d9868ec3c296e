/**
 * What members say: sending, editing, deleting and reacting.
 *
 * A message of which the server has kept only the stub stands there as deleted, with version 0, until the command
 * that deleted it says where it stood. So who comes later has the same messages as who was there.
 */

import {
  MAX_MENTIONS,
  MAX_REACTIONS,
  MAX_REACTORS,
  type FileInfo,
  type Message,
  type MessageFile,
} from "../../generated/protocol.js";
import { BLANK } from "../../generated/shapes.js";
import {
  distinct,
  messageOf,
  raised,
  taskOf,
  type About,
  type Contents,
  type Fact,
  type Means,
} from "./about.js";
import { admitted, may, message as inRoom, talk } from "./access.js";
import { invalid, limitExceeded, notFound, refusal, stale, taken } from "./refusals.js";
import { rule } from "./rule.js";
import { matches } from "./validation.js";

const MENTION = /@\[[^\n]{1,100}?\]\(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)/gu;

/** What is said. */
export interface Words {
  readonly id: string;
  readonly text: string;
  readonly thread_id?: string | null;
  readonly task_id?: string;
  readonly files?: readonly string[];
}

/** Says something in a room that was entered: an answer in a thread, a comment on a task, or neither. */
export function say(contents: Contents, about: About, words: Words): readonly Fact[] {
  if (messageOf(contents, words.id) !== undefined) throw taken();
  const thread = words.thread_id ?? null;
  if (thread !== null) checkRoot(contents, thread);
  const said = {
    ...empty(about, words.id),
    text: words.text,
    thread_id: thread,
    task_id: words.task_id ?? null,
    mentions: mentions(contents, words.text),
    files: attached(contents, words.files ?? []),
  };
  return [sent(contents, { ...said, version: raised(about, said) })];
}

/**
 * What a stub leaves of an envelope: a message's place, if it is one that began a message. Only messages are
 * erased. `about` is made from the header, as for any envelope.
 */
export function erased(contents: Contents, about: About): readonly Fact[] {
  const { entity, baseVersion } = about;
  if (entity === null || baseVersion > 0 || messageOf(contents, entity) !== undefined) return [];
  const message = { ...empty(about, entity), deleted: true };
  return [{ type: "message.sent", data: { message, thread: null, task: null } }];
}

function empty(about: About, id: string): Message {
  return {
    id,
    version: 0,
    room: about.room,
    seq: about.seq,
    author_id: about.sender,
    text: "",
    thread_id: null,
    task_id: null,
    mentions: [],
    reactions: {},
    reply_count: 0,
    created_at: about.at,
    edited_at: null,
    deleted: false,
    files: [],
  };
}

/** The message, which counts at its thread and at its task. */
function sent(contents: Contents, message: Message): Fact {
  const root = message.thread_id === null ? undefined : messageOf(contents, message.thread_id);
  const task = message.task_id === null ? undefined : taskOf(contents, message.task_id);
  return {
    type: "message.sent",
    data: {
      message,
      thread: root === undefined ? null : { id: root.id, reply_count: root.reply_count + 1 },
      task: task === undefined ? null : { id: task.id, comment_count: task.comment_count + 1 },
    },
  };
}

function checkRoot(contents: Contents, thread: string): void {
  const root = messageOf(contents, thread);
  if (root === undefined) throw notFound("message");
  if (root.thread_id !== null) {
    throw invalid("thread_id", "this message is itself an answer; name the one that opened its thread.");
  }
}

/** The files that a message shows, each once. */
function attached(contents: Contents, ids: readonly string[]): readonly MessageFile[] {
  const found = new Map<string, MessageFile>();
  for (const [place, id] of ids.entries()) {
    const file = contents.get("files", id) as FileInfo | undefined;
    if (file === undefined || file.restricted || file.purge_at !== null) {
      throw invalid(`files[${place}]`, "the room has no file with this id that is for everybody in it.");
    }
    const { name, bytes, media_type, kind } = file;
    found.set(id, { id: file.id, name, bytes, media_type, kind });
  }
  return [...found.values()];
}

/** Whom a text names, of those in the room. */
function mentions(contents: Contents, text: string): readonly string[] {
  const named = distinct([...text.matchAll(MENTION)].map((found) => found[1] ?? ""));
  if (named.length > MAX_MENTIONS) throw limitExceeded("mentions in one message", MAX_MENTIONS);
  return admitted(contents, named);
}

interface Send extends Words {
  readonly room: string;
  readonly files: readonly string[];
}

/** Says something; an answer in a thread if `thread_id` names the message that opened it. */
function send(contents: Contents, about: About, data: Send): readonly Fact[] {
  talk(contents, about, data.room);
  if (matches(BLANK, data.text) && data.files.length === 0) {
    throw invalid("text", "must not be blank, unless the message shows files.");
  }
  return say(contents, about, data);
}

interface Edit {
  readonly message_id: string;
  readonly text: string;
  readonly version: number | null;
}

/** Replaces the text of one's own message. */
function edit(contents: Contents, about: About, data: Edit): readonly Fact[] {
  const before = inRoom(contents, about, data.message_id);
  if (before.author_id !== about.sender) throw refusal("forbidden", "Only its author may edit a message.");
  if (data.version !== null && data.version !== before.version) throw stale("message", before);
  refuseDeleted(before);
  if (data.text === before.text) return [];
  const edited = {
    text: data.text,
    mentions: mentions(contents, data.text),
    edited_at: about.at,
    version: raised(about, before),
  };
  return [updated({ ...before, ...edited })];
}

interface Delete {
  readonly message_id: string;
  readonly thread_id: string | null;
  readonly task_id: string | null;
}

/** Empties a message. It keeps its place, so its thread and the counts of answers stay. */
function remove(contents: Contents, about: About, data: Delete): readonly Fact[] {
  const before = inRoom(contents, about, data.message_id);
  if (before.author_id !== about.sender && !may(about, "admin")) {
    throw refusal("forbidden", "Only its author or a manager of the room may delete a message.");
  }
  const gone = { text: "", mentions: [], files: [], reactions: {}, deleted: true };
  const deleted = { ...before, ...gone, version: raised(about, before) };
  if (before.version === 0) {
    return [sent(contents, { ...deleted, thread_id: data.thread_id, task_id: data.task_id })];
  }
  return before.deleted ? [] : [updated(deleted)];
}

interface React {
  readonly message_id: string;
  readonly emoji: string;
  readonly on: boolean;
}

/**
 * Adds or takes back one's reaction; nothing happens if it is so already. The version stays: it counts texts, and
 * a reaction must not refuse an edit.
 */
function react(contents: Contents, about: About, { message_id, emoji, on }: React): readonly Fact[] {
  const before = inRoom(contents, about, message_id);
  refuseDeleted(before);
  const members = Object.hasOwn(before.reactions, emoji) ? (before.reactions[emoji] ?? []) : [];
  if (members.includes(about.sender) === on) return [];
  if (on) checkRoomFor(before, emoji);
  const after = on ? [...members, about.sender] : members.filter((member) => member !== about.sender);
  const others = Object.entries(before.reactions).filter(([name]) => name !== emoji);
  // From entries, since a reaction may be called like something that every object has.
  const reactions = Object.fromEntries(after.length > 0 ? [...others, [emoji, after]] : others);
  return [updated({ ...before, reactions })];
}

function checkRoomFor({ reactions }: Message, emoji: string): void {
  if (!Object.hasOwn(reactions, emoji) && Object.keys(reactions).length >= MAX_REACTIONS) {
    throw limitExceeded("different reactions to a message", MAX_REACTIONS);
  }
  if (Object.values(reactions).reduce((sum, members) => sum + members.length, 0) >= MAX_REACTORS) {
    throw limitExceeded("reactions to a message", MAX_REACTORS);
  }
}

function refuseDeleted(message: Message): void {
  if (message.deleted) throw refusal("conflict", "The message was deleted.", { current: message });
}

function updated(message: Message): Fact {
  return { type: "message.updated", data: { message } };
}

/** What is made gets an id from its author. */
export function withId<D extends { readonly id: string | null }>(
  _contents: Contents,
  _about: About,
  data: D,
  { newId }: Means,
): D & { readonly id: string } {
  return { ...data, id: data.id ?? newId() };
}

/** What is deleted leaves where it stood, for who comes later. */
function withRemains(contents: Contents, _about: About, data: { readonly message_id: string }): Delete {
  const { thread_id = null, task_id = null } = messageOf(contents, data.message_id) ?? {};
  return { ...data, thread_id, task_id };
}

export const RULES = {
  "message.send": rule<Send, Omit<Send, "id"> & { readonly id: string | null }>({
    apply: send,
    entity: "id",
    fill: withId,
  }),
  "message.edit": rule<Edit>({ apply: edit, entity: "message_id" }),
  "message.delete": rule<Delete, { readonly message_id: string }>({
    apply: remove,
    entity: "message_id",
    fill: withRemains,
    erases: true,
  }),
  "message.react": rule<React>({ apply: react }),
};
