/**
 * What a client is asked about sealed rooms, answered by what this device has read: nothing of it is sent.
 *
 * The answers have the form, the order and the bounds of the server's own about open rooms. A cursor is the number
 * of the items before it.
 */

import type { YmeraError } from "../errors.js";
import { localError } from "../errors.js";
import type {
  ImportedTask,
  ImportReport,
  LoggedEvent,
  Page,
  Priority,
  RoomRole,
  Task,
} from "../generated/protocol.js";
import type { SearchHit } from "./api.js";
import { faultError } from "./faults.js";
import { ANSWERS as FILED } from "./filed.js";
import { find } from "./hits.js";
import { paged } from "./paging.js";
import { ANSWERS as RAN, isReport, reported } from "./ran.js";
import { allFiles } from "./rules/files.js";
import type { Contents, Plain } from "./rules/index.js";

/** A room, as far as it is asked about here. */
export interface Holding {
  readonly id: string;
  readonly contents: Contents;
  /** The own role, as open rooms call it. */
  readonly openRole: RoomRole;
  /** What the log says of a run or a task, oldest first. */
  eventsOf(id: string): readonly LoggedEvent[];
}

type Answer = (room: Holding, payload: Plain) => unknown;

/** What goes to the server about a sealed room as about any: it says nothing of what is in it. */
const PASSES: ReadonlySet<string> = new Set([
  "file.quota",
  "notification.list",
  "presence.list",
  "presence.set",
  "room.join",
  "room.mark_read",
  "room.unsubscribe",
  "typing.set",
]);
/** Commands whose content is sealed already, or none. */
const OWN = ["sealed.", "sealed_invite.", "identity.", "pairing.", "backup."];
const THINGS: Readonly<Record<string, readonly string[]>> = {
  message_id: ["messages"],
  thread_id: ["messages"],
  task_id: ["tasks"],
  file_id: ["files"],
  run_id: ["runs", "ended_runs"],
  question_id: ["questions", "closed_questions"],
  artifact_id: ["artifacts"],
};
/** What makes something, whose id its author may leave to be chosen, and the event that tells of it. */
const MAKES: Readonly<Record<string, string>> = {
  "message.send": "message.sent",
  "run.create": "run.created",
  "run.retry": "run.created",
  "task.comment": "message.sent",
  "task.create": "task.created",
};
const PRIORITIES: readonly Priority[] = ["none", "low", "medium", "high", "urgent"];
const MAX_HITS = 100;

/** Whether a command must not be sent as it is, where it is about a sealed room. */
export function isPrivate(name: string): boolean {
  return !PASSES.has(name) && !OWN.some((prefix) => name.startsWith(prefix));
}

/** Every id that a command names, at its first level: the rooms and the things that it may be about. */
export function namedBy(payload: Plain): readonly string[] {
  return Object.entries(payload).flatMap(([field, value]) => {
    if (field === "command_id") return [];
    return [value].flat().filter((each) => typeof each === "string" && ID.test(each)) as string[];
  });
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a room holds something that is named. */
export function holds({ contents }: Pick<Holding, "id" | "contents">, ids: readonly string[]): boolean {
  const collections = Object.values(THINGS).flat();
  return collections.some((each) => ids.some((id) => contents.get(each, id) !== undefined));
}

/** What cannot be done in a sealed room. */
export function refused(room: string, name: string): YmeraError {
  const message = `The room is encrypted, and ${name} does not work there. Nothing was sent.`;
  return faultError("e2ee_room", message, { room });
}

/** The plain result of a query; throws `e2ee_room` if there is no answer to it in a sealed room. */
export function answer(room: Holding, name: string, payload: Plain): unknown {
  const answers = ANSWERS[name];
  if (answers === undefined) throw refused(room.id, name);
  return answers(room, payload);
}

/** What a command names, as it is now. */
export function subject({ contents }: Holding, payload: Plain): Plain | undefined {
  for (const [field, collections] of Object.entries(THINGS)) {
    const id = payload[field];
    if (typeof id !== "string" || field === "thread_id") continue;
    const found = collections.map((each) => contents.get(each, id)).find((each) => each !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What came of a command. */
export interface Came {
  readonly name: string;
  readonly payload: Plain;
  readonly events: readonly LoggedEvent[];
  /** The id of what its envelope is about, and what that was before. */
  readonly entity: string | null;
  readonly before: Plain | undefined;
}

/** The plain result of a command, from what came of it: the entity that it was about. */
export function reply(contents: Contents, { name, payload, events, entity, before }: Came): unknown {
  if (isReport(name)) return reported(contents, name, payload, events);
  const made = entity === null ? MAKES[name] : undefined;
  const about = entity ?? (made === undefined ? before?.["id"] : undefined);
  const shown = events
    .filter(({ type }) => made === undefined || type === made)
    .flatMap(({ data }) => Object.values(data).filter(isEntity));
  const found = shown.findLast((each) => about === undefined || each["id"] === about) ?? before;
  return found ?? null;
}

/** The plain result of `task.import`, by external id. */
export function imported(payload: Plain, events: readonly LoggedEvent[]): ImportReport {
  const named = (type: string): ReadonlySet<unknown> =>
    new Set(
      events.flatMap((event) => (event.type === type ? [(event.data["task"] as Task).external_id] : [])),
    );
  const [made, changed] = [named("task.created"), named("task.updated")];
  const names = (payload["tasks"] as readonly ImportedTask[]).map(({ external_id }) => external_id);
  return {
    created: names.filter((name) => made.has(name)),
    updated: names.filter((name) => changed.has(name) && !made.has(name)),
    unchanged: names.filter((name) => !changed.has(name) && !made.has(name)),
  };
}

/** Messages, tasks and files with all of these words in them, newest first. */
export function search({ id: room, contents }: Holding, text: string): readonly SearchHit[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) throw faultError("invalid", "Say at least one word to look for.", { path: "text" });
  const hits: (SearchHit & { readonly at: string })[] = [];
  for (const [collection, fields] of SEARCHED) {
    for (const entity of contents.all(collection)) {
      const said = fields.map((field) => textOf(entity[field])).join("\n");
      const folded = said.toLowerCase();
      if (!words.every((word) => folded.includes(word))) continue;
      const [id, seq, at] = [textOf(entity["id"]), Number(entity["seq"] ?? 0), textOf(entity["created_at"])];
      const [thread, task] = [entity["thread_id"], entity["task_id"]].map((each) => textOf(each) || null);
      hits.push({
        room,
        collection,
        id,
        seq,
        text: said,
        at,
        thread: thread ?? null,
        task: task ?? null,
        file: null,
      });
    }
  }
  for (const { file, page, snippet } of find(allFiles(contents), text)) {
    const { id, name, task_id: task, created_at: at } = file;
    const found = { room, collection: "files", id, seq: 0, text: snippet, thread: null, task } as const;
    hits.push({ ...found, file: { name, page }, at });
  }
  return hits.sort((one, other) => (one.at < other.at ? 1 : -1)).slice(0, MAX_HITS);
}

const SEARCHED = [
  ["messages", ["text"]],
  ["tasks", ["title", "description"]],
] as const;

function history({ contents }: Holding, { thread_id, task_id, ...payload }: Plain): Page<Plain> {
  const found = [...contents.all("messages")].filter(
    (message) =>
      (task_id == null || message["task_id"] === task_id) &&
      (thread_id == null || message["thread_id"] === thread_id || message["id"] === thread_id),
  );
  return paged(
    found.sort((one, other) => Number(other["seq"]) - Number(one["seq"])),
    payload,
  );
}

function members({ contents }: Holding, payload: Plain): Page<Plain> {
  return paged([...contents.all("participants")].sort(by("name")), payload);
}

function tasks({ contents }: Holding, payload: Plain): Page<Plain> {
  const sort = textOf(payload["sort"] ?? "rank");
  const found = [...contents.all("tasks")].filter((task) => matches(task, payload)).sort(by(sort));
  if (payload["descending"] === true) found.reverse();
  return paged(found, payload);
}

function told(room: Holding, payload: Plain): Page<LoggedEvent> {
  const task = get("tasks", "task_id", "task")(room, payload) as Task;
  return paged([...room.eventsOf(task.id)].reverse(), payload);
}

/** Orders entities by a field, those without one last, and by id. */
function by(field: string): (one: Plain, other: Plain) => number {
  const key = (entity: Plain): string | number => {
    const value = entity[field];
    if (field === "priority") return PRIORITIES.indexOf(value as Priority);
    if (typeof value === "number") return value;
    return field === "title" || field === "name" ? textOf(value).toLowerCase() : textOf(value);
  };
  return (one, other) => {
    const missing = Number(one[field] == null) - Number(other[field] == null);
    if (missing !== 0) return missing;
    const [left, right] = [key(one), key(other)];
    if (left !== right) return left < right ? -1 : 1;
    return textOf(one["id"]) < textOf(other["id"]) ? -1 : 1;
  };
}

const FILTERS: Readonly<Record<string, (task: Plain, wanted: unknown) => boolean>> = {
  status: (task, wanted) => includes(wanted, task["status"]),
  priority: (task, wanted) => includes(wanted, task["priority"]),
  label: (task, wanted) => includes(task["labels"], wanted),
  assignee: (task, wanted) => includes(task["assignees"], wanted),
  parent_id: (task, wanted) => task["parent_id"] === wanted,
  blocked: (task, wanted) => task["blocked"] === wanted,
  query: (task, wanted) => textOf(task["title"]).toLowerCase().includes(textOf(wanted).toLowerCase()),
  external_id: (task, wanted) => task["external_id"] === wanted,
};

function matches(task: Plain, payload: Plain): boolean {
  return Object.entries(FILTERS).every(([name, fits]) => {
    const wanted = payload[name];
    return wanted == null || (Array.isArray(wanted) && wanted.length === 0) || fits(task, wanted);
  });
}

function includes(list: unknown, value: unknown): boolean {
  return Array.isArray(list) && list.includes(value);
}

function get(collection: string, field: string, noun: string): Answer {
  return ({ contents }, payload) => {
    const found = contents.get(collection, textOf(payload[field]));
    if (found === undefined) throw localError("not_found", `There is no such ${noun} in the room.`);
    return found;
  };
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  "room.history": history,
  "room.members": members,
  "project.members": members,
  "room.get": get("rooms", "room", "channel"),
  "project.get": get("projects", "project_id", "project"),
  "task.get": get("tasks", "task_id", "task"),
  "task.list": tasks,
  "task.history": told,
  ...FILED,
  ...RAN,
};

function isEntity(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && "id" in value && "version" in value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
