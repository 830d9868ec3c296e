/** Rooms in use: current, in order, shared, and let go or lost. */

import { afterEach, expect, inject, test, vi } from "vitest";

import type { LiveRoom, LoggedEvent } from "../../src/index.js";
import { LINGER_MS } from "../../src/room.js";
import { connected, joined, newMember, newProject, until } from "./people.js";

afterEach(() => {
  vi.useRealTimers();
});

function titles(room: LiveRoom): string[] {
  return Object.values(room.state.tasks).map((task) => task.title);
}

test("a room shows what is there, and then what others do", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  await ada.call("task.create", { project_id: project.id, title: "Land" });
  const { token, id } = await newMember(ada);
  await ada.call("project.set_member", { project_id: project.id, member_id: id, role: "viewer" });
  const grace = await connected({ token });
  const room = await joined(grace, project.id);
  expect(room).toMatchObject({ phase: "live", kind: "project", role: "viewer", error: null });
  expect(room.get("projects", project.id)?.name).toBe("Apollo");
  expect(titles(room)).toEqual(["Land"]);
  const events: LoggedEvent[] = [];
  grace.on("event", (event) => {
    // Others at work on the same server are heard of in the workspace's room.
    if (event.room === project.id) events.push(event);
  });
  const task = await ada.call("task.create", { project_id: project.id, title: "Return" });
  await until(room, () => room.get("tasks", task.id) !== undefined);
  expect(titles(room)).toEqual(["Land", "Return"]);
  expect(events).toMatchObject([{ type: "task.created", actor: ada.me?.id, seq: room.cursor }]);
  const before = room.state;
  await ada.call("message.send", { room: project.id, text: "Go" });
  await until(room, () => room.state !== before);
  expect(room.state.tasks).toBe(before.tasks);
});

test("users of a room share it, and it is let go a while after the last", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  const first = await joined(ada, project.id);
  const second = ada.room(project.id);
  expect(second).toBe(first);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  first.close();
  vi.advanceTimersByTime(2 * LINGER_MS);
  expect(ada.room(project.id)).toBe(first);
  first.close();
  second.close();
  vi.advanceTimersByTime(LINGER_MS - 1);
  expect(ada.room(project.id)).toBe(first);
  first.close();
  vi.advanceTimersByTime(LINGER_MS);
  vi.useRealTimers();
  await expect(ada.call("presence.list", { room: project.id })).rejects.toMatchObject({ code: "not_found" });
  expect(ada.room(project.id)).not.toBe(first);
});

test("a room that one may not enter is gone, and says why", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  const { token } = await newMember(ada);
  const grace = await connected({ token });
  const room = grace.room(project.id);
  await expect(room.ready).rejects.toMatchObject({ code: "not_found" });
  expect(room).toMatchObject({ phase: "gone", error: { code: "not_found" } });
  expect(grace.status.get().phase).toBe("live");
});

test("being taken out of a project empties its room at once, and being brought back fills it", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  await ada.call("task.create", { project_id: project.id, title: "Land" });
  const { token, id: member_id } = await newMember(ada);
  const membership = { project_id: project.id, member_id };
  await ada.call("project.set_member", membership);
  const grace = await connected({ token });
  const room = await joined(grace, project.id);
  await ada.call("project.remove_member", membership);
  await until(room, () => room.phase === "gone");
  expect(room.error?.code).toBe("not_found");
  expect(titles(room)).toEqual([]);
  await ada.call("task.create", { project_id: project.id, title: "Return" });
  await ada.call("project.set_member", membership);
  await until(room, () => room.phase === "live");
  await room.ready;
  expect(room.error).toBeNull();
  expect(titles(room)).toEqual(["Land", "Return"]);
});

test("a room opened before its project exists fills when it does", async () => {
  const ada = await connected();
  const id = "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11";
  const room = ada.room(id);
  await expect(room.ready).rejects.toMatchObject({ code: "not_found" });
  await ada.call("project.create", { id, name: "Gemini" });
  await until(room, () => room.phase === "live");
  expect(room.get("projects", id)?.name).toBe("Gemini");
});

test("presence shows who is here", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  const { token, id } = await newMember(ada);
  await ada.call("project.set_member", { project_id: project.id, member_id: id });
  const room = await joined(ada, project.id);
  const grace = await connected({ token });
  await joined(grace, project.id);
  await until(room, () => room.presence[id] === "online");
  await grace.call("presence.set", { status: "busy" });
  await until(room, () => room.presence[id] === "busy");
  await grace.close();
  await until(room, () => room.presence[id] === undefined);
  expect(room.presence[ada.me?.id ?? ""]).toBe("online");
});

test("typing shows, and ends by itself, by word, or with the message", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  const { token, id } = await newMember(ada);
  await ada.call("project.set_member", { project_id: project.id, member_id: id });
  const room = await joined(ada, project.id);
  const grace = await connected({ token });
  await joined(grace, project.id);
  const shows = { member_id: id, thread_id: null };
  await grace.call("typing.set", { room: project.id });
  await until(room, () => room.typing.length > 0);
  expect(room.typing).toEqual([shows]);
  await grace.call("typing.set", { room: project.id, typing: false });
  await until(room, () => room.typing.length === 0);
  await grace.call("typing.set", { room: project.id });
  await until(room, () => room.typing.length > 0);
  await grace.call("message.send", { room: project.id, text: "Go" });
  await until(room, () => room.typing.length === 0);
  await grace.call("typing.set", { room: project.id });
  await until(room, () => room.typing.length > 0);
  await until(room, () => room.typing.length === 0);
});

test("the inbox brings mentions, and the workspace's room new members", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  const { token, id } = await newMember(ada);
  await ada.call("project.set_member", { project_id: project.id, member_id: id });
  const grace = await connected({ token });
  const inbox = grace.inbox;
  if (inbox === null) throw new Error("there is no inbox");
  await inbox.ready;
  await ada.call("message.send", { room: project.id, text: `@[Grace](${id}) look` });
  await until(inbox, () => Object.keys(inbox.state.notifications).length > 0);
  expect(Object.values(inbox.state.notifications)).toMatchObject([{ kind: "mention", room: project.id }]);
  await grace.call("member.update", { member_id: id, version: grace.me?.version ?? 0, name: "Grace Hopper" });
  await until(grace.workspaceRoom ?? inbox, () => grace.me?.name === "Grace Hopper");
  expect(grace.me?.email).toMatch(/@example.org$/);
  await ada.call("workspace.update", { version: ada.workspace?.version ?? 0, description: "Moon" });
  await until(grace.workspaceRoom ?? inbox, () => grace.workspace?.description === "Moon");
});

test("a guest has no workspace room", async () => {
  const ada = await connected();
  const { token } = await newMember(ada, inject("url"), "guest");
  const guest = await connected({ token });
  expect(guest.workspaceRoom).toBeNull();
  await guest.inbox?.ready;
  expect(guest.inbox?.phase).toBe("live");
});

test("lists are read page after page", async () => {
  const ada = await connected();
  const project = await newProject(ada);
  for (let n = 0; n < 7; n += 1) {
    await ada.call("task.create", { project_id: project.id, title: `Task ${n}` });
  }
  const found: string[] = [];
  for await (const task of ada.page("task.list", { project_id: project.id, limit: 3 }))
    found.push(task.title);
  expect(found).toEqual(Array.from({ length: 7 }, (_, n) => `Task ${n}`));
  for await (const task of ada.page("task.list", { project_id: project.id, limit: 3 })) {
    expect(task.title).toBe("Task 0");
    break;
  }
});
