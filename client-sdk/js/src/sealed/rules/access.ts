/** What a command is about, fetched and found open to change: the counterpart of the server's `access`. */

import type { YmeraError } from "../../errors.js";
import type { Message, Project, Room, Task } from "../../generated/protocol.js";
import {
  distinct,
  messageOf,
  projectOf,
  roomOf,
  taskOf,
  type About,
  type Contents,
  type Role,
} from "./about.js";
import { notFound, refusal } from "./refusals.js";

const RANKS: readonly Role[] = ["reader", "member", "admin", "owner"];
/** The roles of a sealed room as open rooms call them. */
const OPEN_ROLES = { reader: "viewer", member: "editor", admin: "manager", owner: "manager" } as const;

/** Whether the sender has that role, or a higher one. */
export function may(about: About, needs: Role): boolean {
  return RANKS.indexOf(about.role) >= RANKS.indexOf(needs);
}

/** `forbidden` for who lacks a role. */
export function tooLittle(about: About, needs: Role): YmeraError {
  const [wanted, own] = [OPEN_ROLES[needs], OPEN_ROLES[about.role]];
  return refusal("forbidden", `This takes the role «${wanted}» here; yours is «${own}».`);
}

/** The room's entity, undefined before it has a name; `not_found` unless it is this one and no project. */
export function conversation(contents: Contents, about: About, room: string): Room | undefined {
  if (room !== about.room || about.form !== "conversation") throw notFound("channel");
  return roomOf(contents, room);
}

/** The project's entity, undefined before it has a name; `not_found` unless it is this room, and a project. */
export function project(contents: Contents, about: About, room: string): Project | undefined {
  if (room !== about.room || about.form !== "project") throw notFound("project");
  return projectOf(contents, room);
}

/** Refuses what is about another project, or an archived one. */
export function openProject(contents: Contents, about: About, room: string): void {
  if (project(contents, about, room)?.state === "archived") {
    throw refusal("conflict", "The project is archived; make it active again to change it.");
  }
}

/** Refuses what is said in another room, or in an archived one. */
export function talk(contents: Contents, about: About, room: string, noun = "room"): void {
  if (room !== about.room) throw notFound(noun);
  if (roomOf(contents, room)?.archived === true || projectOf(contents, room)?.state === "archived") {
    throw refusal("conflict", "The room is archived; nothing can be said in it.");
  }
}

/** A message of the room. */
export function message(contents: Contents, about: About, id: string): Message {
  const found = messageOf(contents, id);
  if (found === undefined) throw notFound("message");
  talk(contents, about, found.room, "message");
  return found;
}

/** A task of the room, in which work may go on. */
export function task(contents: Contents, about: About, id: string): Task {
  const found = taskOf(contents, id);
  if (found === undefined || about.form !== "project") throw notFound("task");
  openProject(contents, about, found.project_id);
  return found;
}

/** Those of the members who are in the room, each once, in the order given. */
export function admitted(contents: Contents, memberIds: readonly string[]): readonly string[] {
  return distinct(memberIds).filter((id) => contents.get("participants", id) !== undefined);
}
