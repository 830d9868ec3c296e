/** Agents' processes that block, freeze, are told to stop and are killed: no run is lost, and none done twice. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";

import { LEASE_SECONDS, type Instance } from "../../src/index.js";
import { Workshop } from "./agents.js";
import { Program } from "./program.js";

/** A process of an agent with these capabilities; `run` in them is what people see. */
async function spawned(
  shop: Workshop,
  agent: { id: string; token: string },
  source: string,
): Promise<Program> {
  const program = new Program(
    `import { Agent } from "@ymera/client/agent";
    import { existsSync } from "node:fs";
    const until = (signal) => new Promise((resolve) => signal.addEventListener("abort", resolve));
    const agent = new Agent({ version: "1.2", grace: 4_000 });
    ${source}
    await agent.run();
    console.log("left");`,
    { YMERA_URL: inject("url"), YMERA_TOKEN: agent.token },
  );
  await shop.known(agent.id);
  return program;
}

async function instances(shop: Workshop, id: string): Promise<readonly Instance[]> {
  return (await shop.ada.call("agent.get", { agent_id: id })).status.instances;
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "ymera-agent-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test("a handler that blocks its event loop past the lease keeps the run, and is named", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  const flag = join(await folder(), "go-on");
  const program = await spawned(
    shop,
    robbie,
    `function spin() {
        while (!existsSync(${JSON.stringify(flag)}));
      }
      agent.capability("spin", { concurrency: 2 }, async (run) => {
        spin();
        return run.attempt;
      });
      agent.capability("sleep", {}, (run) => until(run.signal));`,
  );
  const asleep = await shop.give("sleep");
  await shop.until(asleep.id, ({ state }) => state === "working");
  const run = await shop.give("spin");
  const { started_at } = await shop.until(run.id, ({ state }) => state === "working");
  const started = Date.parse(started_at ?? "");
  await expect
    .poll(() => instances(shop, robbie.id), { timeout: 60_000, interval: 1_000 })
    .toSatisfy(
      ([one]: Instance[]) =>
        one?.blocked === true && Date.parse(one.seen_at) > started + 1_000 * LEASE_SECONDS,
    );
  const lines = (await shop.history(run.id)).filter(({ type }) => type === "run.logged");
  expect(lines.map(({ data }) => data["message"])).toEqual([
    "The handler of spin holds up its process's event loop.",
  ]);
  expect(JSON.stringify(lines[0]?.data["data"])).toContain("spin (");
  expect((await shop.history(asleep.id)).some(({ type }) => type === "run.logged")).toBe(false);
  await writeFile(flag, "");
  expect(await shop.result(run.id)).toBe(1);
  await expect.poll(() => instances(shop, robbie.id)).toMatchObject([{ blocked: false }]);
  expect(program.errors).toContain(
    `EventLoopBlocked: The handler of spin (run ${run.id}) held up the event loop`,
  );
  expect(await program.end("SIGTERM")).toBe(0);
}, 120_000);

test("a handler that blocks in native code is named if it is the only one", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  await spawned(
    shop,
    robbie,
    `const { execSync } = await import("node:child_process");
    agent.capability("copy", {}, () => execSync("sleep 2; echo done").toString());`,
  );
  const run = await shop.give("copy");
  expect(await shop.result(run.id)).toBe("done\n");
  const lines = (await shop.history(run.id)).filter(({ type }) => type === "run.logged");
  expect(lines.map(({ data }) => data["data"])).toEqual([{ stack: [] }]);
});

test("a process that is told to stop ends what it can and hands back the rest, which another one does", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  const flag = join(await folder(), "finish");
  const source = `
    agent.capability("finish", {}, async (run) => {
      console.log("finishing");
      while (!existsSync(${JSON.stringify(flag)})) await new Promise((resolve) => setTimeout(resolve, 20));
      return process.pid;
    });
    agent.capability("endless", {}, async (run) => {
      if (existsSync(${JSON.stringify(flag)})) return process.pid;
      await until(run.signal);
      console.log(run.signal.reason.reason);
      run.output("never told");
    });
    agent.capability("ask", {}, (run) => run.ask("Who?"));`;
  const first = await spawned(shop, robbie, source);
  const finish = await shop.give("finish");
  expect(await first.line()).toBe("finishing");
  const [endless, ask] = [await shop.give("endless"), await shop.give("ask")];
  await shop.until(endless.id, ({ state }) => state === "working");
  await shop.until(ask.id, ({ state }) => state === "input-required");
  const firstPid = first.process.pid;
  first.process.kill("SIGTERM");
  await shop.until(ask.id, ({ instance_id }) => instance_id === null);
  await writeFile(flag, "");
  expect(await shop.result(finish.id)).toBe(firstPid);
  const second = await spawned(shop, robbie, source);
  await shop.answer(ask.id, "Who?", "Ada");
  expect(await shop.result(ask.id)).toBe("Ada");
  expect(await first.line()).toBe("released");
  expect(await first.line()).toBe("left");
  expect(await shop.result(endless.id)).toBe(second.process.pid);
  expect(shop.seen(endless.id)).toMatchObject({ attempt: 2, error: null });
  await expect.poll(() => instances(shop, robbie.id)).toHaveLength(1);
  second.process.kill("SIGTERM");
  expect(await second.line()).toBe("left");
});

test("a second signal ends a process at once", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  const program = await spawned(
    shop,
    robbie,
    `agent.capability("endless", {}, () => {
      console.log("begun");
      return new Promise(() => undefined);
    });`,
  );
  const run = await shop.give("endless");
  expect(await program.line()).toBe("begun");
  program.process.kill("SIGINT");
  await expect.poll(() => instances(shop, robbie.id)).toMatchObject([{ draining: true }]);
  expect(await program.end("SIGINT")).toBe(null);
  expect(shop.seen(run.id)?.state).toBe("working");
});

test("a process that is killed while it waits for an answer is replaced by one that asks nothing again", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  const source = `
    agent.capability("ask", {}, async (run) => {
      const who = await run.ask("Who?");
      const where = await run.ask("Where?");
      return [run.attempt, who, where];
    });`;
  const first = await spawned(shop, robbie, source);
  const run = await shop.give("ask");
  await shop.answer(run.id, "Who?", "Ada");
  await shop.asked(run.id, "Where?");
  await first.end("SIGKILL");
  await spawned(shop, robbie, source);
  await shop.answer(run.id, "Where?", "London");
  expect(await shop.result(run.id)).toEqual([2, "Ada", "London"]);
  expect((await shop.ada.call("run.get", { run_id: run.id })).questions).toHaveLength(2);
});

test("a process that was frozen past its lease finds its run with another, and is refused", async () => {
  const shop = await Workshop.open();
  const robbie = await shop.hire();
  const source = `
      agent.capability("work", {}, async (run) => {
        console.log("attempt " + run.attempt);
        if (run.attempt > 1) return run.attempt;
        await until(run.signal);
        console.log(run.signal.reason.reason);
        return "too late";
      });`;
  const first = await spawned(shop, robbie, source);
  const run = await shop.give("work");
  expect(await first.line()).toBe("attempt 1");
  first.process.kill("SIGSTOP");
  const second = await spawned(shop, robbie, source);
  expect(await second.line()).toBe("attempt 2");
  expect(await shop.result(run.id)).toBe(2);
  first.process.kill("SIGCONT");
  expect(await first.line()).toBe("lost");
  first.process.kill("SIGTERM");
  expect(await first.line()).toBe("left");
}, 120_000);
