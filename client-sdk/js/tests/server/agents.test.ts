/** Agents at a real server: what they do is seen, answered, stopped, and lost by no accident. */

import { isYmeraError, Agent, CallFailed, Retry, Stopped, type Run } from "@ymera/client/agent";
import { expect, inject, onTestFinished, test } from "vitest";

import { Workshop } from "./agents.js";
import { Network } from "./network.js";

const LINES = Array.from({ length: 400 }, (_, n) => `line ${n} 🜚\n`);

/** Resolves when the run is stopped, with why. */
function stopped(run: Run): Promise<Stopped> {
  return new Promise((resolve) => {
    run.signal.addEventListener("abort", () => {
      resolve(run.signal.reason as Stopped);
    });
  });
}

test("a run is done as people watch: progress, output, log, artifacts, costs, result", async () => {
  const shop = await Workshop.open();
  const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
  const { id } = await shop.employ((agent) => {
    agent.capability("count", { input, concurrency: 2 }, async (run, { text }: { text: string }) => {
      run.progress(0.5, "counting");
      run.log.info("begun", { length: text.length });
      for (const line of LINES) run.output(line);
      await run.cost({ tokens: 7, money: 3, seconds: 0.25 });
      await run.attach("words.txt", text);
      run.summary = `${run.task?.title ?? ""}: done`;
      return { words: text.split(" ").length, attempt: run.attempt };
    });
  });
  const task = await shop.ada.call("task.create", { project_id: shop.project, title: "Count words" });
  const run = await shop.give("count", { task_id: task.id, agent_id: id, input: { text: "one two three" } });
  expect(await shop.result(run.id)).toEqual({ words: 3, attempt: 1 });
  expect(shop.seen(run.id)).toMatchObject({
    state: "completed",
    agent_id: id,
    progress: 0.5,
    note: "counting",
    summary: "Count words: done",
    costs: { tokens: 7, money: 3, seconds: 0.25 },
  });
  expect(await shop.output(run.id)).toBe(LINES.join(""));
  const history = await shop.history(run.id);
  expect(history.filter(({ type }) => type === "run.logged").map(({ data }) => data["message"])).toEqual([
    "begun",
  ]);
  expect(history.filter(({ type }) => type === "run.outputted").length).toBeLessThan(5);
  const { artifacts } = await shop.ada.call("run.get", { run_id: run.id });
  expect(artifacts.map(({ name }) => name)).toEqual(["words.txt"]);
  expect((await shop.ada.call("task.get", { task_id: task.id })).status).toBe("done");
});

test("questions and approvals are answered by people", async () => {
  const shop = await Workshop.open();
  await shop.employ((agent) => {
    agent.capability("clean", {}, async (run) => {
      const folder = await run.ask("Which folder?", { choices: ["tmp", "var"] });
      const approval = await run.approve("delete", { folder }, { ceiling: 5 });
      await approval.use({ folder }, 5);
      const again: unknown = await approval.use({ folder }).catch((error: unknown) => error);
      return { folder, again: again instanceof Error ? again.name : null };
    });
  });
  const run = await shop.give("clean");
  await shop.until(run.id, ({ state }) => state === "input-required");
  await shop.answer(run.id, "Which folder?", "var");
  await shop.until(run.id, ({ state }) => state === "auth-required");
  await shop.answer(run.id, "delete", true);
  expect(await shop.result(run.id)).toEqual({ folder: "var", again: "Denied" });
});

test("a canceled run is stopped at once, and gives one last report", async () => {
  const shop = await Workshop.open();
  let reason: string | undefined;
  await shop.employ((agent) => {
    agent.capability("wait", {}, async (run) => {
      run.progress(0, "waiting");
      reason = (await stopped(run)).reason;
      await expect(run.cost({ money: 1 })).rejects.toThrow(Stopped);
      return "as far as I got";
    });
  });
  const run = await shop.give("wait");
  // The handler has begun: of one that has not, nothing would be heard.
  await shop.until(run.id, ({ note }) => note === "waiting");
  const asked = Date.now();
  await shop.ada.call("run.cancel", { run_id: run.id });
  expect(await shop.ended(run.id)).toMatchObject({ state: "canceled", costs: { money: 0 } });
  // Sooner than the next sign of life would have brought it.
  expect(Date.now() - asked).toBeLessThan(5_000);
  expect(reason).toBe("canceled");
  expect(await shop.result(run.id)).toBe("as far as I got");
});

test("what fails is tried again or not, by why it failed", async () => {
  const shop = await Workshop.open();
  await shop.employ((agent) => {
    agent.capability("fetch", {}, (run) => {
      if (run.attempt === 1) throw new Retry("the network is down");
      return run.attempt;
    });
    agent.capability("add", { output: { type: "number" } }, () => "three");
  });
  const [fetched, added] = [await shop.give("fetch"), await shop.give("add")];
  expect(await shop.result(fetched.id)).toBe(2);
  expect(await shop.ended(added.id)).toMatchObject({
    state: "failed",
    attempt: 1,
    error: { cause: "fatal" },
  });
});

test("a run that costs more than its budget has failed, and its handler ends", async () => {
  const shop = await Workshop.open();
  const caught: unknown[] = [];
  await shop.employ((agent) => {
    agent.capability("spend", {}, async (run) => {
      try {
        for (;;) await run.cost({ money: 4 });
      } catch (error) {
        caught.push(error);
        throw error;
      }
    });
  });
  const run = await shop.give("spend", { budget: 10 });
  expect(await shop.ended(run.id)).toMatchObject({ state: "failed", error: { cause: "budget_exhausted" } });
  await expect.poll(() => caught).toMatchObject([{ name: "Stopped", reason: "budget_exhausted" }]);
});

test("agents call each other, several at a time, and hand tasks on", async () => {
  const shop = await Workshop.open();
  await shop.employ((agent) => {
    agent.capability("sum", {}, async (run) => {
      const squares = await Promise.all([1, 2, 3].map((n) => run.call<number>("square", { n })));
      const failed: unknown = await run.call("square", { n: "?" }).catch((error: unknown) => error);
      const sum = squares.reduce((one, other) => one + other);
      await run.handOff("print", { note: failed instanceof CallFailed ? failed.message : "", result: sum });
    });
  });
  await shop.employ((agent) => {
    agent.capability("square", {}, (_run, { n }: { n: unknown }) => {
      if (typeof n !== "number") throw new TypeError("not a number");
      return n * n;
    });
    agent.capability("print", {}, (run) => `${String(run.handed?.result)} (${run.handed?.note ?? ""})`);
  });
  const task = await shop.ada.call("task.create", { project_id: shop.project, title: "Squares" });
  const run = await shop.give("sum", { task_id: task.id });
  expect(await shop.result(run.id)).toBe(14);
  const { items } = await shop.ada.call("run.list", { project_id: shop.project, capability: "print" });
  const printed = await shop.result(items[0]?.id ?? "");
  expect(printed).toMatch(/^14 \(The call of square ended as failed: TypeError: not a number\)$/);
});

test("over a lost connection a run goes on, and all of it arrives, once", async () => {
  const shop = await Workshop.open();
  const network = await Network.before(inject("url"));
  onTestFinished(() => {
    network.close();
  });
  let lost = 0;
  network.inbound = (message) => {
    // Answers to reports are lost, some of them, with the connection.
    if (!message.startsWith("43") || !message.includes('"canceling":false') || lost === 3) return [message];
    lost += 1;
    network.drop();
    return [];
  };
  await shop.employ(
    (agent) => {
      agent.capability("tell", {}, async (run) => {
        for (const [n, line] of LINES.entries()) {
          run.output(line);
          if (n === 100) network.drop();
          if (n % 100 === 0) await run.cost({ tokens: 1 });
        }
        return run.attempt;
      });
    },
    { url: network.url },
  );
  const run = await shop.give("tell");
  expect(await shop.result(run.id)).toBe(1);
  expect(lost).toBe(3);
  expect(shop.seen(run.id)?.costs.tokens).toBe(4);
  expect(await shop.output(run.id)).toBe(LINES.join(""));
});

test("offers, answers and cancellations that are lost on their way come with the next sign of life", async () => {
  const shop = await Workshop.open();
  const network = await Network.before(inject("url"));
  onTestFinished(() => {
    network.close();
  });
  let lost = 0;
  network.inbound = (message) => {
    if (!/^42\["run\.(offers|control)"/.test(message)) return [message];
    lost += 1;
    return [];
  };
  await shop.employ(
    (agent) => {
      agent.capability("ask", {}, async (run) => {
        run.output(await run.ask("Who?"));
        return (await stopped(run)).reason;
      });
    },
    { url: network.url },
  );
  const run = await shop.give("ask");
  await shop.answer(run.id, "Who?", "Ada");
  await expect.poll(() => shop.output(run.id), { timeout: 20_000 }).toBe("Ada");
  await shop.ada.call("run.cancel", { run_id: run.id });
  expect(await shop.result(run.id)).toBe("canceled");
  expect(shop.seen(run.id)?.attempt).toBe(1);
  expect(lost).toBeGreaterThanOrEqual(3);
});

test("an attempt that another one has replaced is told so, and what it reports late is refused", async () => {
  const shop = await Workshop.open();
  const reasons: string[] = [];
  await shop.employ((agent) => {
    agent.capability("draw", { second: "restart" }, async (run, { what }: { what?: string }) => {
      if (what === "cat") return `a ${what}`;
      reasons.push((await stopped(run)).reason);
      return "too late";
    });
  });
  const task = await shop.ada.call("task.create", { project_id: shop.project, title: "Draw" });
  const run = await shop.give("draw", { task_id: task.id, input: { what: "dog" } });
  await shop.until(run.id, ({ state }) => state === "working");
  const second = await shop.give("draw", { task_id: task.id, input: { what: "cat" } });
  expect(second.id).toBe(run.id);
  expect(await shop.result(run.id)).toBe("a cat");
  await expect.poll(() => reasons).toEqual(["lost"]);
});

test("an agent may do anything else that its role allows, over the same connection", async () => {
  const shop = await Workshop.open();
  const { agent } = await shop.employ((agent) => {
    agent.capability("plan", {}, async (run) => {
      const task = await agent.call("task.create", { project_id: run.projectId, title: "Land" });
      return (await agent.call("task.get", { task_id: task.id })).title;
    });
  });
  const run = await shop.give("plan");
  expect(await shop.result(run.id)).toBe("Land");
  await expect(agent.call("task.get", { task_id: shop.project })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an agent that is refused for good ends, and says why", async () => {
  const agent = new Agent({ url: inject("url"), token: "ymt_wrong" }).capability("a", {}, () => null);
  const refused: unknown = await agent.run({ signals: false }).catch((error: unknown) => error);
  expect(isYmeraError(refused, "unauthenticated")).toBe(true);
  const person = new Agent({ url: inject("url"), token: inject("ownerToken") }).capability(
    "a",
    {},
    () => null,
  );
  await expect(person.run({ signals: false })).rejects.toMatchObject({ code: "forbidden" });
  const { token } = await (await Workshop.open()).hire();
  const faulty = new Agent({ url: inject("url"), token }).capability("a", { input: { type: 3 } }, () => null);
  await expect(faulty.run({ signals: false })).rejects.toMatchObject({ code: "invalid" });
});
