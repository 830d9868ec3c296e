/** A device's way into an identity, where it is broken off, begun twice, or began as something else. */

import { expect, test } from "vitest";

import { localError } from "../../src/errors.js";
import { Engine } from "../../src/sealed/engine.js";
import { MemoryStore, pack } from "../../src/sealed/store.js";
import { Script, started } from "./script.js";

/** A server with Ada's identity and its backup, and the recovery code. */
async function begun(): Promise<{ script: Script; kept: MemoryStore; code: string }> {
  const [script, kept] = [new Script(), new MemoryStore()];
  const { engine } = await started(script, kept);
  const code = await engine.identity.begin();
  await engine.session.stop();
  return { script, kept, code };
}

/** Has the server be away for one answer: before it has done anything, or after. */
function away(script: Script, name: string, when: "before" | "after"): void {
  script[when] = (asked: string) => {
    if (asked !== name) return;
    script[when] = () => undefined;
    throw localError("unavailable", "The connection was lost.");
  };
}

test("a recovery that was broken off before the backup was read is begun again", async () => {
  const { script, code } = await begun();
  const { engine, told } = await started(script, new MemoryStore());
  away(script, "backup.get", "before");
  await expect(engine.identity.recover(code)).rejects.toMatchObject({ code: "unavailable" });
  expect(script.linksOf("ada")).toBe(1);
  await engine.identity.recover(code);
  expect(script.linksOf("ada")).toBe(2);
  const { backedUp, codeKept } = await told.until("status", ({ state }) => state === "ready");
  expect({ backedUp, codeKept }).toEqual({ backedUp: true, codeKept: true });
  await engine.session.stop();
});

test("a recovery whose last answer was lost has its backup all the same", async () => {
  const { script, code } = await begun();
  const { engine, told } = await started(script, new MemoryStore());
  away(script, "identity.publish", "after");
  await expect(engine.identity.recover(code)).rejects.toMatchObject({ code: "unavailable" });
  await engine.session.connected();
  expect((await told.until("status", ({ state }) => state === "ready")).backedUp).toBe(true);
  await engine.session.stop();
});

test("a device that is in without a backup gets it by the code", async () => {
  const { script, kept, code } = await begun();
  kept.kept.delete("vault");
  const { engine, told } = await started(script, kept);
  expect((await told.until("status", ({ state }) => state === "ready")).backedUp).toBe(false);
  await engine.identity.recover(code);
  await told.until("status", ({ backedUp }) => backedUp);
  expect(script.linksOf("ada")).toBe(1);
  await engine.session.stop();
});

test("what belongs to a master key that was handed over is asked for until it comes", async () => {
  const { script, kept } = await begun();
  kept.kept.set("vault", pack({ version: 0, master: "07".repeat(32), sealed: "" }));
  away(script, "backup.get", "before");
  const { engine, told } = await started(script, kept);
  expect((await told.until("status", ({ state }) => state === "ready")).backedUp).toBe(false);
  await engine.session.connected();
  await told.until("status", ({ backedUp }) => backedUp);
  await engine.session.stop();
});

test("of two identities that are begun at once there is one", async () => {
  const script = new Script();
  const { engine } = await started(script, new MemoryStore());
  const begins = await Promise.allSettled([engine.identity.begin(), engine.identity.begin()]);
  expect(begins.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(await engine.identity.unkeptCode()).toBe((begins[0] as { value?: unknown }).value);
  expect((await engine.identity.devices()).map(({ own }) => own)).toEqual([true]);
  await engine.session.stop();
});

test("the code of an identity that never came to be is not shown as that of another", async () => {
  const { script, code } = await begun();
  const fresh = new MemoryStore();
  const early = await started(new Script(), fresh);
  await early.engine.identity.begin();
  await early.engine.session.stop();
  // As if the server had refused what was begun: the device is in nothing.
  const device = JSON.parse(new TextDecoder().decode(fresh.kept.get("device"))) as object;
  fresh.kept.set("device", pack({ ...device, fp: "" }));
  const { engine, told } = await started(script, fresh);
  script.before = (name) => {
    if (name === "backup.get") throw localError("not_found", "There is no backup.");
  };
  await engine.identity.recover(code);
  expect(await engine.identity.unkeptCode()).toBeNull();
  const { codeKept, backedUp } = await told.until("status", ({ state }) => state === "ready");
  expect({ codeKept, backedUp }).toEqual({ codeKept: true, backedUp: false });
  await engine.session.stop();
});

test("only a number that was shown is verified, also by a second try", async () => {
  const { script } = await begun();
  const [mine, theirs] = [
    await started(script, new MemoryStore()),
    await started(script, new MemoryStore(), "bo"),
  ];
  await mine.engine.identity.beginAnew();
  await theirs.engine.identity.begin();
  await expect(mine.engine.identity.verify("bo")).rejects.toMatchObject({ code: "conflict" });
  await mine.engine.identity.safetyNumber("bo");
  away(script, "backup.put", "before");
  await expect(mine.engine.identity.verify("bo")).rejects.toMatchObject({ code: "unavailable" });
  await (await started(script, new MemoryStore(), "bo")).engine.identity.beginAnew();
  await mine.engine.identity.verify("bo");
  await mine.engine.identity.safetyNumber("bo");
  expect(await mine.engine.identity.trust("bo")).toBe("changed");
  await mine.engine.session.stop();
  await theirs.engine.session.stop();
});

test("a device that is given up while it is being opened is given up", async () => {
  const { script, kept } = await begun();
  let closed = 0;
  kept.close = () => Promise.resolve(void (closed += 1));
  const request = (name: string, payload: object): Promise<unknown> => script.request("ada", name, payload);
  const states: string[] = [];
  const notify = (name: string, value: unknown): void => {
    if (name === "status") states.push((value as { state: string }).state);
  };
  const engine = new Engine({ request, notify }, () => Promise.resolve(kept), "https://x.example");
  const [starting, stopping] = [engine.session.start("ada"), engine.session.stop()];
  await Promise.all([starting, stopping]);
  expect(closed).toBe(1);
  await engine.session.connected();
  expect(engine.session.online).toBeNull();
  expect(states).toEqual(["ready"]);
});
