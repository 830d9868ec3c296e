/** Sealed rooms of several people and devices on a real server. */

import { randomUUID } from "node:crypto";

import { expect, test } from "vitest";

import type { Client, Keys, LiveRoom, PairingFlow, SealedRoomView } from "../../src/index.js";
import { memoryKeys } from "../../src/node.js";
import { clientOf, connected, joined, newMember, until } from "./people.js";

interface Person {
  readonly id: string;
  readonly token: string;
}

/** A connected client of a member, which knows how its device stands. */
async function withKeys({ token }: Pick<Person, "token">, keys: Keys = memoryKeys()): Promise<Client> {
  const client = clientOf(token, { keys });
  await client.connect();
  await client.sealed.settled();
  return client;
}

/** So many people, each with an identity on one device. */
async function people(count: number): Promise<readonly (Person & { client: Client; code: string })[]> {
  const owner = await connected();
  const all = [];
  for (let number = 0; number < count; number += 1) {
    const person = await newMember(owner);
    const client = await withKeys(person);
    all.push({ ...person, client, code: await client.sealed.begin() });
  }
  return all;
}

/** The room, once all that was said in it is shown. */
async function entered(client: Client, id: string): Promise<LiveRoom> {
  const inbox = client.inbox;
  if (inbox === null) throw new Error("the client is not connected");
  await until(inbox, () => inbox.get("memberships", id) !== undefined);
  return joined(client, id);
}

function texts(room: LiveRoom): readonly string[] {
  return Object.values(room.state.messages)
    .sort((one, other) => one.seq - other.seq)
    .map((message) => message.text);
}

function untilTexts(room: LiveRoom, wanted: readonly string[]): Promise<void> {
  return until(room, () => texts(room).join() === wanted.join());
}

function say(client: Client, room: string, text: string): Promise<unknown> {
  return client.call("message.send", { room, id: randomUUID(), text });
}

async function untilView(
  client: Client,
  room: string,
  condition: (view: SealedRoomView) => boolean,
): Promise<SealedRoomView> {
  const cell = client.sealed.room(room);
  await until(cell, () => {
    const view = cell.get();
    return view !== null && condition(view);
  });
  return cell.get() as SealedRoomView;
}

async function untilStep(flow: PairingFlow, step: string): Promise<void> {
  await until(flow.state, () => flow.state.get().step === step);
}

async function incoming(client: Client): Promise<PairingFlow> {
  const { pairings } = client.sealed;
  await until(pairings, () => pairings.get().length > 0);
  return pairings.get()[0] as PairingFlow;
}

function digitsOf(flow: PairingFlow): string {
  const state = flow.state.get();
  return state.step === "compare" ? state.digits : "";
}

test("what one says in a sealed room the others read, and all see the same", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const members = [{ memberId: grace.id, role: "member" as const }];
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Secrets", members });
  const [here, there] = [await entered(ada.client, id), await entered(grace.client, id)];
  const sent = await ada.client.call("message.send", { room: id, id: randomUUID(), text: "Hello" });
  expect(sent).toMatchObject({ room: id, text: "Hello", author_id: ada.id });
  await untilTexts(there, ["Hello"]);
  await grace.client.call("message.react", { message_id: sent.id, emoji: "👍" });
  await say(grace.client, id, "Hello yourself");
  await ada.client.call("message.edit", { message_id: sent.id, text: "Good day" });
  await untilTexts(here, ["Good day", "Hello yourself"]);
  await untilTexts(there, ["Good day", "Hello yourself"]);
  expect(here.get("messages", sent.id)?.reactions).toEqual({ "👍": [grace.id] });
  await until(there, () => there.get("rooms", id)?.name === "Secrets");
  expect(there.state).toEqual(here.state);
  expect(Object.keys(here.state.participants).sort()).toEqual([ada.id, grace.id].sort());

  await expect(grace.client.call("message.edit", { message_id: sent.id, text: "x" })).rejects.toMatchObject({
    code: "forbidden",
  });
  const page = await grace.client.call("room.history", { room: id, limit: 1 });
  expect(page.items.map(({ text }) => text)).toEqual(["Hello yourself"]);
  expect(page.next).not.toBeNull();
  await grace.client.call("message.send", {
    room: id,
    id: randomUUID(),
    text: "A good day to you",
    thread_id: sent.id,
  });
  const hits = await grace.client.sealed.search(null, "good DAY");
  expect(hits.map(({ id: found, thread }) => [found === sent.id, thread])).toEqual([
    [false, sent.id],
    [true, null],
  ]);

  await ada.client.call("message.delete", { message_id: sent.id });
  await until(there, () => there.get("messages", sent.id)?.deleted === true);
  const late = await withKeys(grace);
  expect(late.sealed.status.get().state).toBe("elsewhere");
});

test("a sealed project has tasks, for who was there and for who comes later", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const { client } = ada;
  const id = await client.sealed.createRoom({ form: "project", name: "Apollo" });
  const room = await entered(client, id);
  const first = await client.call("task.create", { project_id: id, id: randomUUID(), title: "Land" });
  const second = await client.call("task.create", { project_id: id, id: randomUUID(), title: "Return" });
  await client.call("task.depend", { task_id: second.id, on: first.id });
  await client.call("task.update", { task_id: first.id, title: "Land softly", version: first.version });
  await expect(
    client.call("task.update", { task_id: first.id, title: "Crash", version: first.version }),
  ).rejects.toMatchObject({ code: "conflict" });
  expect(room.get("tasks", first.id)?.title).toBe("Land softly");
  const told = await client.call("task.history", { task_id: first.id, limit: 1 });
  expect(told.items[0]).toMatchObject({
    type: "task.updated",
    actor: ada.id,
    data: { task: { id: first.id } },
  });
  const before = await client.call("task.history", { task_id: first.id, cursor: told.next });
  expect(before.items.map(({ type }) => type)).toEqual(["task.created"]);

  await client.sealed.add(id, [{ memberId: grace.id, role: "member" }]);
  const there = await entered(grace.client, id);
  await until(there, () => Object.keys(there.state.tasks).length === 2);
  expect(there.get("projects", id)?.name).toBe("Apollo");
  expect(there.get("tasks", first.id)?.title).toBe("Land softly");
  expect(there.get("tasks", second.id)).toMatchObject({ blocked: true, depends_on: [first.id] });
  const marks = (await untilView(grace.client, id, ({ progress }) => progress.applied === progress.head))
    .marks;
  expect(new Set(marks.map(({ kind }) => kind))).toEqual(new Set(["before"]));
  const list = await grace.client.call("task.list", { project_id: id, query: "soft" });
  expect(list.items.map(({ id: found }) => found)).toEqual([first.id]);
});

test("who is removed reads nothing from then on, and who leaves is followed by a new epoch", async () => {
  const [ada, grace, alan] = await people(3);
  if (ada === undefined || grace === undefined || alan === undefined) return;
  const members = [grace, alan].map(({ id: memberId }) => ({ memberId, role: "member" as const }));
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Three", members });
  const [here, there, other] = [
    await entered(ada.client, id),
    await entered(grace.client, id),
    await entered(alan.client, id),
  ];
  await say(alan.client, id, "one");
  await untilTexts(there, ["one"]);
  const before = await untilView(ada.client, id, ({ members }) => members.length === 3);
  const fp = before.members.find(({ memberId }) => memberId === grace.id)?.fp ?? "";
  await ada.client.sealed.remove(id, [fp]);
  await until(there, () => there.phase === "gone");
  await alan.client.sealed.leave(id);
  await until(other, () => other.phase === "gone");
  await say(ada.client, id, "two");
  await untilTexts(here, ["one", "two"]);
  const after = await untilView(ada.client, id, ({ members }) => members.length === 1);
  expect(after.epoch).toBe(before.epoch + 2);
  const { changes } = await untilView(ada.client, id, (view) => view.changes.at(-1)?.kind === "keys");
  expect(changes.map((each) => [each.kind, each.memberId, each.targets.length, each.role])).toEqual([
    ["made", ada.id, 0, null],
    ["added", ada.id, 2, "member"],
    ["removed", ada.id, 1, null],
    ["left", alan.id, 1, null],
    ["keys", ada.id, 0, null],
  ]);
  expect(changes[2]?.targets).toEqual([{ fp, memberId: grace.id }]);
  await expect(say(grace.client, id, "three")).rejects.toMatchObject({ code: "e2ee_room" });
});

test("a device that comes back has what was said meanwhile, and what it had to say is said", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const owner = await connected();
  const alan = await newMember(owner);
  const keys = memoryKeys();
  const away = await withKeys(alan, keys);
  await away.sealed.begin();
  const members = [grace, alan].map(({ id: memberId }) => ({ memberId, role: "member" as const }));
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Away", members });
  const room = await entered(ada.client, id);
  await entered(away, id);
  await say(away, id, "I am off");
  await away.close();
  await say(ada.client, id, "one");
  await ada.client.sealed.rotate(id);
  await say(ada.client, id, "two");
  const back = await withKeys(alan, keys);
  expect(back.sealed.status.get().state).toBe("ready");
  const again = await entered(back, id);
  await untilTexts(again, ["I am off", "one", "two"]);
  await say(back, id, "I am back");
  await untilTexts(room, ["I am off", "one", "two", "I am back"]);
});

test("with the recovery code a new device reads what was said, and a lost one is put out", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const members = [{ memberId: grace.id, role: "member" as const }];
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Lost", members });
  const there = await entered(grace.client, id);
  await say(ada.client, id, "before");
  await ada.client.sealed.safetyNumber(grace.id);
  await ada.client.sealed.verify(grace.id);
  await ada.client.close();

  const fresh = await withKeys(ada);
  expect(fresh.sealed.status.get().state).toBe("elsewhere");
  await expect(fresh.sealed.recover(grace.code)).rejects.toMatchObject({ code: "invalid" });
  await fresh.sealed.recover(ada.code.toLowerCase().replaceAll("-", " "));
  const room = await entered(fresh, id);
  await untilTexts(room, ["before"]);
  const devices = await fresh.sealed.devices();
  expect(devices.map(({ own, active }) => [own, active])).toEqual([
    [false, true],
    [true, true],
  ]);
  const lost = devices.find(({ own }) => !own);
  await fresh.sealed.revokeDevice(lost?.id ?? "");
  await say(fresh, id, "after");
  await untilTexts(there, ["before", "after"]);
  const view = await untilView(fresh, id, ({ epoch }) => epoch === 2);
  expect(view.members.find(({ memberId }) => memberId === grace.id)?.trust).toBe("verified");
  expect(view.changes.map(({ kind }) => kind)).toEqual(["made", "added", "devices", "devices"]);
  expect(view.changes.at(-1)?.targets.map(({ memberId }) => memberId)).toEqual([ada.id]);
});

test.each(["qr", "digits"] as const)("a device is linked by %s", async (mode) => {
  const [ada] = await people(1);
  if (ada === undefined) return;
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Alone" });
  await entered(ada.client, id);
  await say(ada.client, id, "before");
  const fresh = await withKeys(ada);
  const flow = await (mode === "qr" ? fresh.sealed.linkByQr() : fresh.sealed.linkByDigits());
  if (mode === "qr") {
    const state = flow.state.get();
    await ada.client.sealed.linkScanned(state.step === "offered" ? state.qr : "");
  } else {
    const asked = await incoming(ada.client);
    await untilStep(asked, "asked");
    await asked.confirm();
    await Promise.all([untilStep(asked, "compare"), untilStep(flow, "compare")]);
    expect(digitsOf(asked)).toMatch(/^\d{8}$/);
    expect(digitsOf(flow)).toBe(digitsOf(asked));
    await Promise.all([asked.confirm(), flow.confirm()]);
  }
  await untilStep(flow, "done");
  expect(fresh.sealed.status.get()).toMatchObject({ state: "ready", backedUp: true });
  const room = await entered(fresh, id);
  await untilTexts(room, ["before"]);
  await say(fresh, id, "after");
  await untilTexts(await entered(ada.client, id), ["before", "after"]);
});

test("of several devices that are asked one goes on, and of several pairings on a new one the last", async () => {
  const [ada] = await people(1);
  if (ada === undefined) return;
  const second = await withKeys(ada);
  await second.sealed.recover(ada.code);
  const fresh = await withKeys(ada);
  const early = await fresh.sealed.linkByQr();
  const flow = await fresh.sealed.linkByDigits();
  await untilStep(early, "failed");
  const [asked, elsewhere] = [await incoming(ada.client), await incoming(second)];
  await Promise.all([untilStep(asked, "asked"), untilStep(elsewhere, "asked")]);
  await asked.confirm();
  await Promise.all([asked, flow].map((each) => untilStep(each, "compare")));
  await untilStep(elsewhere, "failed");
  const ended = elsewhere.state.get();
  expect(ended.step === "failed" ? ended.error.message : "").toContain("another device");
  await Promise.all([asked.confirm(), flow.confirm()]);
  await untilStep(flow, "done");
  // Nobody has shown there that they have the code.
  expect(fresh.sealed.status.get()).toMatchObject({ state: "ready", codeKept: null, backedUp: true });
});

test("two people compare digits, and numbers", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  expect(await ada.client.sealed.trust(grace.id)).toBe("unverified");
  expect(await ada.client.sealed.safetyNumber(grace.id)).toBe(await grace.client.sealed.safetyNumber(ada.id));
  const flow = await ada.client.sealed.verifyByDigits(grace.id);
  const asked = await incoming(grace.client);
  await untilStep(asked, "asked");
  await asked.confirm();
  await Promise.all([untilStep(asked, "compare"), untilStep(flow, "compare")]);
  expect(digitsOf(flow)).toBe(digitsOf(asked));
  await Promise.all([asked.confirm(), flow.confirm()]);
  expect(await ada.client.sealed.trust(grace.id)).toBe("verified");
  expect(await grace.client.sealed.trust(ada.id)).toBe("verified");
  await expect(grace.client.sealed.beginAnew()).rejects.toMatchObject({ code: "conflict" });
  const anew = await withKeys(grace);
  await anew.sealed.beginAnew();
  expect(await ada.client.sealed.safetyNumber(grace.id)).toMatch(/^(\d{5} ){11}\d{5}$/);
  expect(await ada.client.sealed.trust(grace.id)).toBe("changed");
});

test("who has an invitation's link is added, and is known to be who was given it", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "By link", history: "shared" });
  await entered(ada.client, id);
  await say(ada.client, id, "before");
  const link = await ada.client.sealed.invite(id);
  expect(await grace.client.sealed.acceptInvite(link)).toBe(id);
  const there = await entered(grace.client, id);
  await untilTexts(there, ["before"]);
  expect(await ada.client.sealed.trust(grace.id)).toBe("verified");
  expect(await grace.client.sealed.trust(ada.id)).toBe("verified");
  await say(grace.client, id, "after");
  await untilTexts(await entered(ada.client, id), ["before", "after"]);
});

test("a request that only another device could check is dismissed, whoever did so first", async () => {
  const [ada, grace, alan] = await people(3);
  if (ada === undefined || grace === undefined || alan === undefined) return;
  const members = [{ memberId: grace.id, role: "admin" as const }];
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "By hand", members });
  await entered(grace.client, id);
  const link = await ada.client.sealed.invite(id);
  await ada.client.close();
  await alan.client.sealed.acceptInvite(link);
  const { requests } = await untilView(grace.client, id, (view) => view.requests.length > 0);
  expect(requests.map(({ memberId }) => memberId)).toEqual([alan.id]);
  for (const { id: request } of [...requests, ...requests]) await grace.client.sealed.dismiss(id, request);
  expect(grace.client.sealed.room(id).get()?.requests).toEqual([]);
});

test.each([
  { history: "from_join", retention: "keep" },
  { history: "shared", retention: "ephemeral" },
] as const)(
  "who comes by a link and reads no history is given the name and the tasks, $retention",
  async (rules) => {
    const [ada, grace] = await people(2);
    if (ada === undefined || grace === undefined) return;
    const id = await ada.client.sealed.createRoom({ form: "project", name: "Apollo", ...rules });
    await entered(ada.client, id);
    await ada.client.call("task.create", { project_id: id, title: "Land" });
    await grace.client.sealed.acceptInvite(await ada.client.sealed.invite(id));
    const there = await entered(grace.client, id);
    await until(there, () => Object.values(there.state.tasks).some(({ title }) => title === "Land"));
    expect(there.state.projects[id]?.name).toBe("Apollo");
    const { marks } = await untilView(grace.client, id, ({ progress }) => progress.applied === progress.head);
    expect(new Set(marks.map(({ kind }) => kind))).toEqual(new Set(["before"]));
  },
);

test("the code is asked for until somebody has typed it", async () => {
  const [ada] = await people(1);
  if (ada === undefined) return;
  const { sealed } = ada.client;
  expect(sealed.status.get().codeKept).toBe(false);
  expect(await sealed.unkeptCode()).toBe(ada.code);
  await expect(sealed.confirmCode(ada.code.replace(/.$/, "*"))).rejects.toMatchObject({ code: "invalid" });
  await sealed.confirmCode(ada.code);
  expect(sealed.status.get().codeKept).toBe(true);
  expect(await sealed.unkeptCode()).toBeNull();
});

test("nothing about a sealed room is sent as it is, with keys or without", async () => {
  const [ada] = await people(1);
  if (ada === undefined) return;
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Quiet" });
  await entered(ada.client, id);
  const plain = clientOf(ada.token);
  await plain.connect();
  await entered(plain, id);
  for (const client of [plain, await withKeys(ada)]) {
    for (const call of [
      () => say(client, id, "in the clear"),
      () => client.call("room.history", { room: id }),
      () => client.call("file.list", { room: id }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "e2ee_room" });
    }
  }
  await expect(ada.client.call("project.members", { project_id: id })).resolves.toBeDefined();
  await expect(ada.client.call("room.create" as never, { id, name: "x" } as never)).rejects.toMatchObject({
    code: "e2ee_room",
  });
});

test("what is whispered is heard, and nobody keeps it", async () => {
  const [ada, grace] = await people(2);
  if (ada === undefined || grace === undefined) return;
  const members = [{ memberId: grace.id, role: "member" as const }];
  const id = await ada.client.sealed.createRoom({ form: "conversation", name: "Psst", members });
  await entered(ada.client, id);
  const there = await entered(grace.client, id);
  const heard: unknown[] = [];
  grace.client.on("whispered", (whisper) => heard.push(whisper));
  // Each counts, also of those that are said at once.
  const beats = [1, 2, 3, 4].map((beat) => ({ type: "beat", beat }));
  await Promise.all(beats.map((content) => ada.client.sealed.whisper(id, content)));
  await expect.poll(() => heard.length).toBe(beats.length);
  expect(heard).toMatchObject(beats.map((content) => ({ room: id, memberId: ada.id, content })));
  expect(texts(there)).toEqual([]);
});
