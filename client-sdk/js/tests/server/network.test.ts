/** Networks that fail: nothing is lost, nothing comes twice, and clients come back by themselves. */

import fc from "fast-check";
import { expect, inject, onTestFinished, test } from "vitest";

import type { Client, LiveRoom, LoggedEvent } from "../../src/index.js";
import { Network } from "./network.js";
import { clientOf, connected, joined, newMember, newProject, until, untilPhase } from "./people.js";

async function network(): Promise<Network> {
  const made = await Network.before(inject("url"));
  onTestFinished(() => {
    made.close();
  });
  return made;
}

/** A client behind a network, and one that is not, in a project of both. */
async function pair(): Promise<{ near: Client; far: Client; room: LiveRoom; net: Network; project: string }> {
  const net = await network();
  const near = await connected();
  const project = (await newProject(near)).id;
  const { token, id } = await newMember(near);
  await near.call("project.set_member", { project_id: project, member_id: id });
  const far = await connected({ token, url: net.url });
  const room = await joined(far, project);
  await untilPhase(far, "live");
  return { near, far, room, net, project };
}

/** What a new client is told of a room. */
async function truth(project: string): Promise<LiveRoom["state"]> {
  const client = await connected();
  return (await joined(client, project)).state;
}

test("after a lost connection a room goes on where it stood, with the events and no more", async () => {
  const { near, far, room, net, project } = await pair();
  const { cursor } = room;
  const told: string[] = [];
  net.outbound = (message) => {
    told.push(message);
    return [message];
  };
  const answers: string[] = [];
  net.inbound = (message) => {
    answers.push(message);
    return [message];
  };
  const events: LoggedEvent[] = [];
  far.on("event", (event) => events.push(event));
  net.cut();
  await untilPhase(far, "offline");
  expect(room).toMatchObject({ phase: "joining", presence: {} });
  await near.call("task.create", { project_id: project, title: "Land" });
  net.restore();
  await until(room, () => Object.keys(room.state.tasks).length === 1);
  await untilPhase(far, "live");
  const join = told.find((message) => message.includes('"room.join"') && message.includes(project)) ?? "";
  expect(join).toContain(`"after_seq":${cursor}`);
  expect(answers.some((message) => message.includes(project) && message.includes('"reset"'))).toBe(false);
  expect(events.filter((event) => event.room === project)).toMatchObject([
    { seq: cursor + 1, type: "task.created" },
  ]);
});

test("the phases of losing and regaining a connection are shown", async () => {
  const { far, net } = await pair();
  const phases: string[] = [];
  far.status.subscribe(() => {
    const { phase, queued } = far.status.get();
    phases.push(queued > 0 ? `${phase} with ${queued}` : phase);
  });
  net.cut();
  await untilPhase(far, "offline");
  const command = far.call("project.create", { name: "Mercury" });
  net.restore();
  await command;
  await untilPhase(far, "live");
  expect(phases.filter((phase, n) => phase !== phases[n - 1])).toEqual([
    "offline",
    "offline with 1",
    "catching_up with 1",
    "catching_up",
    "live",
  ]);
});

test("reads fail without a connection, and with `wait` are asked again after it", async () => {
  const { far, net } = await pair();
  let swallow = true;
  net.outbound = (message) => {
    if (!swallow || !message.includes('"workspace.get"')) return [message];
    swallow = false;
    net.cut();
    return [];
  };
  const patient = far.call("workspace.get", {}, { wait: true });
  const hasty = far.call("workspace.get", {});
  await expect(hasty).rejects.toMatchObject({ code: "unavailable", retryable: true });
  await untilPhase(far, "offline");
  await expect(far.call("workspace.get", {})).rejects.toMatchObject({ code: "unavailable" });
  net.restore();
  await expect(patient).resolves.toMatchObject({ me: { id: far.me?.id } });
});

test("an answer that was lost is given again: the command is carried out once", async () => {
  const { near, far, room, net, project } = await pair();
  let lost = 0;
  net.inbound = (message) => {
    // An ack, while the event of the command comes through.
    if (!message.startsWith("43") || lost >= 3 || !message.includes("Land")) return [message];
    lost += 1;
    net.drop();
    return [];
  };
  const task = await far.call("task.create", { project_id: project, title: "Land" });
  expect(lost).toBe(3);
  await until(room, () => room.get("tasks", task.id) !== undefined);
  const found = [];
  for await (const each of near.page("task.list", { project_id: project })) found.push(each.id);
  expect(found).toEqual([task.id]);
});

test("commands called offline go out later, in their order", async () => {
  const { far, room, net, project } = await pair();
  net.cut();
  await untilPhase(far, "offline");
  const tasks = ["one", "two", "three"].map((title) =>
    far.call("task.create", { project_id: project, title }),
  );
  expect(far.status.get().queued).toBe(3);
  net.restore();
  const ranks = (await Promise.all(tasks)).map((task) => task.rank);
  expect(ranks).toEqual(ranks.toSorted());
  await until(room, () => Object.keys(room.state.tasks).length === 3);
});

test("an optimistic change shows offline, and stays when it comes true", async () => {
  const { far, room, net, project } = await pair();
  const task = await far.call("task.create", { project_id: project, title: "Land" });
  await until(room, () => room.get("tasks", task.id) !== undefined);
  net.cut();
  await untilPhase(far, "offline");
  const shown: (string | undefined)[] = [];
  room.subscribe(() => shown.push(room.get("tasks", task.id)?.title));
  const patch = { id: task.id, title: "Walk" };
  const update = far.call(
    "task.update",
    { task_id: task.id, version: task.version, title: "Walk" },
    { optimistic: [{ room: project, collection: "tasks", patch }] },
  );
  expect(room.get("tasks", task.id)?.title).toBe("Walk");
  net.restore();
  await update;
  await until(room, () => room.get("tasks", task.id)?.version === task.version + 1);
  expect(new Set(shown)).toEqual(new Set(["Walk"]));
});

test("an optimistic change that is refused rolls back, with the error", async () => {
  const { near, far, room, project } = await pair();
  const task = await near.call("task.create", { project_id: project, title: "Land" });
  await until(room, () => room.get("tasks", task.id) !== undefined);
  await near.call("task.update", { task_id: task.id, version: task.version, title: "Walk" });
  await until(room, () => room.get("tasks", task.id)?.title === "Walk");
  const rejections: string[] = [];
  far.on("rejected", ({ error }) => rejections.push(error.code));
  const update = far.call(
    "task.update",
    { task_id: task.id, version: task.version, title: "Run" },
    { optimistic: [{ room: project, collection: "tasks", patch: { id: task.id, title: "Run" } }] },
  );
  expect(room.get("tasks", task.id)?.title).toBe("Run");
  await expect(update).rejects.toMatchObject({ code: "conflict", data: { current: { title: "Walk" } } });
  expect(room.get("tasks", task.id)?.title).toBe("Walk");
  expect(rejections).toEqual(["conflict"]);
});

test("a message larger than the server takes is refused here, and harms nobody", async () => {
  const { far, project } = await pair();
  const text = "ü".repeat(600_000);
  await expect(far.call("message.send", { room: project, text })).rejects.toMatchObject({
    code: "too_large",
  });
  expect(far.status.get()).toMatchObject({ phase: "live", queued: 0 });
});

test("a server behind a network that stalls while opening is given up and tried again", async () => {
  const net = await network();
  let stalled = 0;
  net.inbound = (message) => {
    if (!message.includes('"ready"') || stalled > 0) return [message];
    stalled += 1;
    return [];
  };
  const client = clientOf(inject("ownerToken"), { url: net.url });
  await client.connect();
  expect(stalled).toBe(1);
  expect(client.me?.name).toBe("Ada");
});

/** What becomes of each event on its way: `keep`, or else lost, doubled, or held until the next. */
const fate = fc.constantFrom("keep", "keep", "lose", "double", "hold", "drop the connection");

test("events lost, doubled and reordered by the network: every client ends with the truth", async () => {
  const { near, room, net, project, far } = await pair();
  const applied: number[] = [];
  far.on("event", (event) => {
    if (event.room === project) applied.push(event.seq);
  });
  const start = room.cursor;
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 5, maxLength: 15 }), async (fates) => {
      const remaining = [...fates];
      const held: string[] = [];
      net.inbound = (message) => {
        if (!/^42\["events?",/.test(message)) return [message];
        const next = remaining.shift();
        if (next === "lose") return [];
        if (next === "double") return [message, message];
        if (next === "hold") {
          held.push(message);
          return [];
        }
        if (next === "drop the connection") {
          net.drop();
          return [];
        }
        return [message, ...held.splice(0)];
      };
      for (const [n] of fates.entries()) {
        await near.call("task.create", { project_id: project, title: `Task ${n}` });
      }
      net.inbound = (message) => [message];
      const last = await near.call("task.create", { project_id: project, title: "Last" });
      await until(room, () => room.get("tasks", last.id) !== undefined);
    }),
    { numRuns: 6 },
  );
  await untilPhase(far, "live");
  expect(room.state).toEqual(await truth(project));
  expect(applied).toEqual(Array.from({ length: room.cursor - start }, (_, n) => start + 1 + n));
});

test("a lost tail is noticed by the heads that the server tells", async () => {
  const { near, room, net, project } = await pair();
  net.inbound = (message) => (/^42\["events?",/.test(message) ? [] : [message]);
  const task = await near.call("task.create", { project_id: project, title: "Land" });
  await until(room, () => room.get("tasks", task.id) !== undefined);
  expect(room.state).toEqual(await truth(project));
});
