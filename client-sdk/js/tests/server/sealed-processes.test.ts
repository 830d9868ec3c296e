/** Agents' processes in encrypted rooms: what they are given is done once, seen by everybody, and taken over. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, Retry, type Run, type Stopped } from "@ymera/client/agent";
import { expect, inject, onTestFinished, test } from "vitest";

import type { RunInfo } from "../../src/index.js";
import { Network } from "./network.js";
import { until } from "./people.js";
import { SealedWorkshop, stands } from "./sealed-workshop.js";

/** Seconds of silence after which others take over, where tests wait for that. */
const LEASE = 3;
/** Where none may be lost, however busy the machine is. */
const LONGER = 6;

/** Resolves when the run is stopped, with why. */
function stopped(run: Run): Promise<string> {
  return new Promise((resolve) => {
    run.signal.addEventListener("abort", () => {
      resolve((run.signal.reason as Stopped).reason);
    });
  });
}

/** A run that goes on until it is stopped; why it was is noted. */
function waits(reasons: string[] = []): (agent: Agent) => void {
  return (agent) => {
    agent.capability("wait", {}, async (run) => {
      run.progress(null, "waiting");
      reasons.push(await stopped(run));
    });
  };
}

test("a run is done as people watch, and nothing of it is left undone", async () => {
  const shop = await SealedWorkshop.open();
  const input = { type: "object", properties: { title: { type: "string" }, words: { type: "integer" } } };
  await shop.process((agent) => {
    agent.capability(
      "shorten",
      { input },
      async (run, { title, words }: { title: string; words: number }) => {
        run.progress(0.5, "half");
        run.output("so ");
        run.output("far");
        run.log.info("halfway", { words });
        await run.cost({ tokens: 7 });
        await run.attach("notes.txt", "all of it");
        run.summary = "short";
        return title.split(" ").slice(0, words).join(" ");
      },
    );
  });
  await shop.admit();
  const task = await shop.ada.call("task.create", { project_id: shop.project, title: "Land on the moon" });
  const run = await shop.give("shorten", { task_id: task.id, input: { words: 3 } });
  expect(await shop.result(run.id)).toBe("Land on the");
  const said = { progress: 0.5, note: "half", summary: "short", costs: { tokens: 7 }, attempt: 1 };
  expect(shop.seen(run.id)).toMatchObject({ state: "completed", agent_id: shop.agentId, ...said });
  expect(await shop.output(run.id)).toBe("so far");
  const history = await shop.history(run.id);
  const logged = history.filter(({ type }) => type === "run.logged");
  expect(logged.map(({ data }) => data["message"])).toEqual(["halfway"]);
  const details = await shop.ada.call("run.get", { run_id: run.id });
  expect(details.attempts).toMatchObject([{ fence: 1, outcome: "completed" }]);
  expect(details.artifacts.map(({ name }) => name)).toEqual(["notes.txt"]);
  expect(shop.room.get("tasks", task.id)?.status).toBe("done");
  const members = shop.ada.sealed.room(shop.project).get()?.members ?? [];
  expect(members.filter(({ agent }) => agent).map(({ owner }) => owner)).toEqual([shop.ada.me?.id]);
});

test("people answer and approve, files are kept sealed, and a handler that asked for a pause gets one", async () => {
  const shop = await SealedWorkshop.open();
  await shop.process((agent) => {
    agent.capability("order", {}, async (run) => {
      const size = await run.ask("Which size?", { choices: ["small", "large"] });
      const approval = await run.approve("order", { size }, { ceiling: 10 });
      await approval.use({ size }, 9);
      const again: unknown = await approval.use({ size }).catch((error: unknown) => error);
      if (run.attempt === 1) throw new Retry("once more");
      return { size, again: again instanceof Error ? again.name : null };
    });
    agent.capability("keep", {}, async (run) => {
      const file = await run.files.upload(new TextEncoder().encode("a secret"), { name: "secret.txt" });
      const names = [];
      for await (const { name } of run.files.list()) names.push(name);
      const path = join(shop.folder, "secret.txt");
      await run.files.save(file.id, path);
      const kept = await readFile(path, "utf8");
      return [new TextDecoder().decode(await run.files.read(file.id)), kept, ...names];
    });
    agent.capability("talk", {}, async (run) => {
      await agent.call("message.send", { room: run.projectId, text: "From the agent." });
    });
  });
  await shop.admit();
  const order = await shop.give("order");
  const { asked } = await shop.asked(order.id, "Which size?");
  expect(asked).toEqual([shop.ada.me?.id]);
  await shop.until(order.id, ({ state }) => state === "input-required");
  await shop.answer(order.id, "Which size?", "large");
  await shop.answer(order.id, "order", true);
  // What was approved serves once, over all attempts.
  expect(await shop.ended(order.id)).toMatchObject({ state: "failed", attempt: 2 });
  const { questions } = await shop.ada.call("run.get", { run_id: order.id });
  expect(questions.map(({ used_at }) => used_at !== null)).toEqual([false, true]);

  const keep = await shop.give("keep");
  expect(await shop.ended(keep.id)).toMatchObject({ state: "completed", error: null });
  expect(await shop.result(keep.id)).toEqual(["a secret", "a secret", "secret.txt"]);
  const { files } = await shop.ada.call("run.get", { run_id: keep.id });
  expect(files.map(({ name, run_id }) => [name, run_id])).toEqual([["secret.txt", keep.id]]);

  await shop.result((await shop.give("talk")).id);
  expect(Object.values(shop.room.state.messages).map(({ text }) => text)).toEqual(["From the agent."]);
});

test("input and result are held to their schemas, also of what is called for", async () => {
  const shop = await SealedWorkshop.open();
  const input = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const begun: unknown[] = [];
  await shop.process((agent) => {
    agent.capability("count", { input, output: { type: "integer" } }, (_run, { n }: { n: number }) => {
      begun.push(n);
      return n === 1 ? 1 : "two";
    });
    agent.capability("delegate", {}, (run) => run.call("count", { n: 1 }));
    agent.capability("pass", {}, async (run) => {
      await run.handOff("count", { input: { n: 3 } });
    });
  });
  await shop.admit();
  const runs = [];
  for (const n of [undefined, 2, 1]) runs.push(await shop.give("count", { input: { n } }));
  runs.push(await shop.give("delegate"), await shop.give("pass"));
  const ended = await Promise.all(runs.map(({ id }) => shop.ended(id)));
  expect(ended.map(({ state, attempt }) => [state, attempt])).toEqual([
    ["failed", 1],
    ["failed", 1],
    ["completed", 1],
    ["completed", 1],
    ["completed", 1],
  ]);
  await expect.poll(() => begun.toSorted()).toEqual([1, 1, 2, 3]);
  expect(ended.map(({ error }) => error)).toMatchObject([
    { cause: "invalid", message: "The input must have required property 'n'." },
    { cause: "fatal", message: "The result was refused: it must be integer." },
    null,
    null,
    null,
  ]);
});

test("two processes do each run once", async () => {
  const shop = await SealedWorkshop.open();
  const declare = (name: string) => (agent: Agent) => {
    agent.capability("work", { concurrency: 2 }, () => name);
  };
  await shop.process(declare("one"));
  await shop.link("two");
  await shop.process(declare("two"), { name: "two" });
  await shop.admit();
  const runs = [];
  for (let n = 0; n < 6; n += 1) runs.push(await shop.give("work"));
  for (const { id } of runs) {
    expect(await shop.ended(id)).toMatchObject({ state: "completed", attempt: 1 });
    expect((await shop.ada.call("run.get", { run_id: id })).attempts).toHaveLength(1);
  }
});

test("a run whose process is killed is done by another one, once", async () => {
  const shop = await SealedWorkshop.open();
  const first = await shop.program(
    `agent.capability("work", {}, async (run) => {
      run.progress(null, "begun");
      await new Promise(() => undefined);
    });`,
    "one",
    LEASE,
  );
  await shop.link("two");
  await shop.admit();
  const run = await shop.give("work");
  const begun = await shop.until(run.id, ({ note }) => note === "begun");
  await first.end("SIGKILL");
  await shop.process(
    (agent) => {
      agent.capability("work", {}, ({ attempt }) => attempt);
    },
    { name: "two", leaseSeconds: LEASE },
  );
  expect(await shop.result(run.id)).toBe(2);
  const { attempts } = await shop.ada.call("run.get", { run_id: run.id });
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "completed"]);
  expect(attempts[0]).toMatchObject({ instance_id: begun.instance_id, error: { cause: "lost" } });
  expect(attempts[1]?.instance_id).not.toBe(begun.instance_id);
});

test("a process that was killed goes on at once when it is back, with the answers it had", async () => {
  const shop = await SealedWorkshop.open();
  const source = `agent.capability("work", {}, async (run) => {
    const who = await run.ask("Who?");
    run.progress(null, who);
    await run.ask("And then?");
  });`;
  const first = await shop.program(source);
  await shop.admit();
  const run = await shop.give("work");
  await shop.answer(run.id, "Who?", "Ada");
  await shop.until(run.id, ({ note }) => note === "Ada");
  await first.end("SIGKILL");
  const second = await shop.program(source);
  const again = await shop.until(run.id, ({ attempt, note }) => attempt === 2 && note === "Ada");
  expect(again.error?.cause).toBe("lost");
  const { id } = await shop.asked(run.id, "And then?");
  const { questions } = await shop.ada.call("run.get", { run_id: run.id });
  expect(questions.map(({ prompt }) => prompt)).toEqual(["Who?", "And then?"]);
  // On its way out it hands back what waits for people; the next goes on when they have answered.
  second.process.kill("SIGTERM");
  await shop.until(run.id, ({ instance_id }) => instance_id === null);
  await shop.ada.call("run.answer", { question_id: id, answer: "Nothing." });
  await shop.program(source);
  expect(await shop.ended(run.id)).toMatchObject({ state: "completed", attempt: 3 });
});

test("what a process cut off had is another's: its handler is stopped, and what it said late is fenced", async () => {
  const shop = await SealedWorkshop.open();
  const network = await Network.before(inject("url"));
  onTestFinished(() => {
    network.close();
  });
  const reasons: string[] = [];
  const options = { url: network.url, leaseSeconds: LEASE };
  const cut = await shop.process(waits(reasons), options);
  await shop.link("two");
  await shop.admit();
  const run = await shop.give("wait");
  await shop.until(run.id, ({ note }) => note === "waiting");
  network.cut();
  const about = { project_id: shop.project, run_id: run.id, fence: 1 };
  const late = cut
    .call("run.log", { ...about, message: "I am still at it." })
    .catch((error: unknown) => error);
  // It gives the run up by itself, before another one may take it.
  await expect.poll(() => reasons, { timeout: 20_000 }).toEqual(["lost"]);
  await shop.process(waits(), { name: "two", leaseSeconds: LEASE });
  await shop.until(run.id, ({ attempt, note }) => attempt === 2 && note === "waiting");
  network.restore();
  expect(await late).toMatchObject({ code: "fenced" });
  await shop.ada.call("run.cancel", { run_id: run.id, reason: "enough" });
  expect(await shop.ended(run.id)).toMatchObject({ state: "canceled" });
  expect((await shop.history(run.id)).some(({ type }) => type === "run.logged")).toBe(false);
});

test("a handler that blocks its program costs no lease, and is named", async () => {
  const shop = await SealedWorkshop.open();
  const flag = join(shop.folder, "go-on");
  await shop.program(
    `const { existsSync } = await import("node:fs");
    agent.capability("spin", {}, (run) => {
      while (!existsSync(${JSON.stringify(flag)}));
      return run.attempt;
    });`,
    "one",
    LONGER,
  );
  await shop.link("two");
  await shop.admit();
  const run = await shop.give("spin");
  await shop.until(run.id, ({ state }) => state === "working");
  await shop.process(
    (agent) => {
      agent.capability("spin", {}, () => "taken over");
    },
    { name: "two", leaseSeconds: LONGER },
  );
  await shop.until(run.id, (seen) => {
    const { heard_at, started_at } = seen as RunInfo & { readonly heard_at: string };
    return Date.parse(heard_at) > Date.parse(started_at ?? "") + 1_250 * LONGER;
  });
  await writeFile(flag, "");
  expect(await shop.result(run.id)).toBe(1);
  const lines = (await shop.history(run.id)).filter(({ type }) => type === "run.logged");
  expect(lines.map(({ data }) => data["message"])).toEqual([
    "The handler of spin holds up its process's event loop.",
  ]);
});

test("a run is stopped by whoever sees it, and by its agent's removal, after which the agent hears nothing", async () => {
  const shop = await SealedWorkshop.open();
  const reasons: string[] = [];
  const agent = await shop.process(waits(reasons));
  await shop.admit();
  const first = await shop.give("wait");
  await shop.until(first.id, ({ note }) => note === "waiting");
  await shop.ada.call("run.cancel", { run_id: first.id });
  expect(await shop.ended(first.id)).toMatchObject({ state: "canceled" });
  const second = await shop.give("wait");
  await shop.until(second.id, ({ note }) => note === "waiting");
  const view = shop.ada.sealed.room(shop.project);
  const { epoch = 0, members = [] } = view.get() ?? {};
  const fps = members.filter((member) => member.agent).map(({ fp }) => fp);
  await shop.ada.sealed.remove(shop.project, fps);
  expect(await shop.ended(second.id)).toMatchObject({ state: "canceled" });
  await expect.poll(() => reasons).toEqual(["canceled", "lost"]);
  await until(view, () => (view.get()?.epoch ?? 0) > epoch);
  await shop.ada.call("message.send", { room: shop.project, text: "Between us." });
  await expect(shop.give("wait")).rejects.toMatchObject({ code: "invalid" });
  await agent.drain();
  const device = await shop.device("one");
  await stands(device, "ready");
  expect(await device.sealed.search(null, "us")).toEqual([]);
  const send = device.call("message.send", { room: shop.project, text: "I am still here." });
  await expect(send).rejects.toMatchObject({ code: "e2ee_room" });
});

test("a reader is given no work, and no two processes have the same keys", async () => {
  const shop = await SealedWorkshop.open();
  const agent = await shop.process(waits());
  await shop.admit("reader");
  await expect(shop.give("wait")).rejects.toMatchObject({ code: "invalid" });
  const twin = shop.agent();
  waits()(twin);
  await expect(twin.run({ signals: false })).rejects.toMatchObject({ code: "conflict" });
  await agent.drain();
  expect(() => new Agent({ leaseSeconds: 0 })).toThrow(RangeError);
});
