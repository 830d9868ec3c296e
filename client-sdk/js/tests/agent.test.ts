/** What handlers can do and how their runs end, rehearsed without a server. */

import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";

import {
  Agent,
  CallFailed,
  Denied,
  Fatal,
  Retry,
  Stopped,
  Unanswered,
  YmeraError,
} from "../src/agent/index.js";
import type { CapabilityOptions, Handler, Run } from "../src/agent/index.js";
import { STOP_MS } from "../src/agent/attempt.js";
import { rehearse, type Rehearsal, type Rehearsed, type RehearseOptions } from "../src/agent/testing.js";
import type { Json } from "../src/index.js";

type Setting = RehearseOptions & { input?: Json; capability?: CapabilityOptions };

function start<O>(
  handler: Handler<Json, O>,
  { input = {}, capability = {}, ...options }: Setting = {},
): Rehearsal {
  return rehearse(new Agent().capability("work", capability, handler), "work", input, options);
}

function play<O>(handler: Handler<Json, O>, setting?: Setting): Promise<Rehearsed> {
  return start(handler, setting).ended;
}

/** A handler's end, told to the test. */
function told<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

describe("a run ends", () => {
  test("as completed with what its handler returns, and its summary", async () => {
    const ended = await play((run) => {
      run.summary = "Added two numbers";
      return { sum: 3 };
    });
    expect(ended).toMatchObject({ state: "completed", result: { sum: 3 }, summary: "Added two numbers" });
  });

  test("as completed with null if its handler returns nothing", async () => {
    expect(await play(() => undefined)).toMatchObject({ state: "completed", result: null });
  });

  test.each([
    [new Retry("the network is down"), "transient", "the network is down"],
    [new Retry("slow down", { rateLimited: true }), "rate_limited", "slow down"],
    [new Fatal("no such file"), "fatal", "no such file"],
    [new Fatal("not a date", { invalid: true }), "invalid", "not a date"],
    [new TypeError("x is not a function"), "crashed", "TypeError: x is not a function"],
    ["out of paper", "crashed", "Thrown: out of paper"],
    [new Error(""), "crashed", "Error: "],
  ])("as failed by what its handler throws: %s", async (thrown, cause, message) => {
    const ended = await play(() => Promise.reject(thrown as Error));
    expect(ended).toMatchObject({ state: "failed", error: { cause, message } });
  });

  test("as failed if its result does not satisfy the schema", async () => {
    const output = { type: "object", required: ["sum"] };
    const ended = await play(() => ({ total: 3 }), { capability: { output } });
    expect(ended).toMatchObject({ state: "failed", error: { cause: "fatal" } });
    expect(ended.error?.message).toContain("'sum'");
  });

  test("as failed if JSON cannot carry its result", async () => {
    expect(await play(() => 1n)).toMatchObject({ state: "failed", error: { cause: "crashed" } });
  });

  test("with a message no longer than the server takes", async () => {
    const ended = await play(() => {
      throw new Fatal("🜚".repeat(3_000));
    });
    expect(Array.from(ended.error?.message ?? "")).toHaveLength(2_000);
  });

  test("by handing its task on, whatever the handler returns then", async () => {
    const ended = await play(async (run) => {
      run.output("done so far");
      await run.handOff("publish", { input: { draft: 1 }, note: "Mind the title.", result: "draft" });
      expect(() => {
        run.output("more");
      }).toThrow("has ended");
      return "ignored";
    });
    const handOff = { capability: "publish", input: { draft: 1 }, note: "Mind the title." };
    expect(ended).toMatchObject({ state: "handed_off", handOff, result: "draft", output: "done so far" });
  });
});

test("a handler sees its run, its input and what was handed to it", async () => {
  const task = { id: "t", title: "Land", description: "", priority: "high", labels: ["moon"] } as const;
  const handed = { run_id: "r", agent_id: "a", note: "Mind the craters.", result: 1 };
  const seen = await play(
    (run, input) => ({
      input,
      task: run.task?.title,
      note: run.handed?.note,
      attempt: run.attempt,
      capability: run.capability,
    }),
    { task, handed, input: { text: "…" } },
  );
  expect(seen.result).toEqual({
    input: { text: "…" },
    task: "Land",
    note: "Mind the craters.",
    attempt: 1,
    capability: "work",
  });
});

test("input that does not satisfy its schema is refused before anything runs", () => {
  const input = { type: "object", required: ["text"] };
  expect(() => start(() => null, { capability: { input } })).toThrow("'text'");
});

test("output, progress, log lines, costs and artifacts are told", async () => {
  const ended = await play(async (run) => {
    run.progress(0.5, "half way");
    run.log.warning("thin ice", { depth: 2 });
    run.output("one ");
    run.output("two");
    await run.cost({ tokens: 10, money: 5 });
    await run.cost({ tokens: 1, seconds: 0.5 });
    const artifact = await run.attach("report.md", "# Ice\0", "text/markdown");
    return artifact.bytes;
  });
  expect(ended).toMatchObject({
    state: "completed",
    output: "one two",
    progress: [{ progress: 0.5, note: "half way" }],
    log: [{ level: "warning", message: "thin ice" }],
    costs: { tokens: 11, money: 5, seconds: 0.5 },
    artifacts: [{ name: "report.md", text: "# Ice\ufffd", media_type: "text/markdown" }],
  });
});

test("a share that is none is refused where it is given", async () => {
  const ended = await play((run) => {
    run.progress(50);
  });
  expect(ended.error).toEqual({
    cause: "crashed",
    message: "RangeError: progress is a share from 0 to 1, not 50",
  });
});

test("a run over its budget has failed, and its handler ends", async () => {
  const caught = told<unknown>();
  const ended = await play(
    async (run) => {
      try {
        await run.cost({ money: 11 });
      } catch (error) {
        caught.resolve(error);
        throw error;
      }
    },
    { budget: 10 },
  );
  expect(ended).toMatchObject({ state: "failed", error: { cause: "budget_exhausted" } });
  expect(await caught.promise).toMatchObject({ name: "Stopped", reason: "budget_exhausted" });
});

describe("questions", () => {
  test("are answered in words, by a choice, or with a form", async () => {
    const form = { type: "object", properties: { n: { type: "number" } } };
    const ended = await play(
      async (run) => [
        await run.ask("Who?"),
        await run.ask("Which?", { choices: ["red", "blue"] }),
        await run.ask<{ n: number }>("How many?", { form }),
      ],
      { answer: ({ kind }) => ({ text: "Ada", choice: "blue", form: { n: 3 }, approval: true })[kind] },
    );
    expect(ended.result).toEqual(["Ada", "blue", { n: 3 }]);
  });

  test("that nobody answers end the run, unless the handler minds", async () => {
    expect(await play((run) => run.ask("Who?"))).toMatchObject({
      state: "failed",
      error: { cause: "fatal" },
    });
    const minded = await play(async (run) => {
      try {
        return await run.ask("Who?");
      } catch (error) {
        return error instanceof Unanswered ? error.question.prompt : "not that";
      }
    });
    expect(minded.result).toBe("Who?");
  });

  test("that an earlier attempt asked are not asked again, whatever the order", async () => {
    const asked: string[] = [];
    const answer = ({ prompt }: { prompt: string }): string => {
      asked.push(prompt);
      return `${prompt} ${asked.length}`;
    };
    const first = await play(
      async (run) => {
        await Promise.all([run.ask("Who?"), run.ask("Who?"), run.ask("Where?")]);
        throw new Retry("the network is down");
      },
      { answer },
    );
    const second = await play(
      async (run) => [
        await run.ask("Where?"),
        await run.ask("Who?"),
        await run.ask("Who?"),
        await run.ask("When?"),
      ],
      { answer, after: first },
    );
    expect(second.attempt).toBe(2);
    expect(second.result).toEqual(["Where? 3", "Who? 1", "Who? 2", "When? 4"]);
  });

  test("of one key are one question", async () => {
    const ended = await play(
      (run) => Promise.all([run.ask("Who?", { key: "k" }), run.ask("Who?", { key: "k" })]),
      {
        answer: () => "Ada",
      },
    );
    expect(ended.result).toEqual(["Ada", "Ada"]);
    expect(ended.questions).toHaveLength(1);
  });
});

describe("approvals", () => {
  test("serve once, for exactly what was approved", async () => {
    const args = { path: "/tmp/x", force: true };
    const ended = await play(
      async (run) => {
        const approval = await run.approve("delete", args, { ceiling: 10 });
        await expect(approval.use({ ...args, path: "/" })).rejects.toThrow(Denied);
        await expect(approval.use(args, 11)).rejects.toThrow("more than was approved");
        await approval.use({ force: true, path: "/tmp/x" }, 10);
        await expect(approval.use(args)).rejects.toThrow("used already");
      },
      { answer: () => true },
    );
    expect(ended.state).toBe("completed");
  });

  test("that are refused end the run for good", async () => {
    const ended = await play((run) => run.approve("delete", {}), { answer: () => false });
    expect(ended).toMatchObject({
      state: "failed",
      error: { cause: "fatal", message: "Not allowed: delete" },
    });
  });
});

describe("calls", () => {
  test("give the other's result, also several at a time", async () => {
    const agents = { double: ({ n }: Json) => 2 * Number(n) };
    const ended = await play((run) => Promise.all([1, 2, 3].map((n) => run.call<number>("double", { n }))), {
      agents,
    });
    expect(ended.result).toEqual([2, 4, 6]);
  });

  test("that fail are told apart from the caller's own faults", async () => {
    const ended = await play(
      async (run) => {
        const failed: unknown = await run.call("double").catch((error: unknown) => error);
        return failed instanceof CallFailed ? failed.reply.error?.message : "not that";
      },
      {
        agents: {
          double: () => {
            throw new Error("no number");
          },
        },
      },
    );
    expect(ended.result).toBe("no number");
  });

  test("can be started first and waited for later, under one key", async () => {
    const ended = await play(
      async (run) => {
        await run.start("slow", {}, { key: "s" });
        const other = await run.call("fast");
        return [other, await run.call("slow", {}, { key: "s" })];
      },
      { agents: { slow: () => "at last", fast: () => "at once" } },
    );
    expect(ended.result).toEqual(["at once", "at last"]);
  });

  test("of an earlier attempt are not made again", async () => {
    const call = vi.fn(() => "once");
    const agents = { other: call };
    const after = await play(
      async (run) => {
        await run.call("other", { a: 1, b: 2 });
        throw new Retry("the network is down");
      },
      { agents },
    );
    const again = await play((run) => run.call("other", { b: 2, a: 1 }), { agents, after });
    expect(again.result).toBe("once");
    expect(call).toHaveBeenCalledOnce();
  });
});

describe("a run that is stopped", () => {
  /** A handler that works until its run is stopped, and says what it was told then. */
  function patient(act: (run: Run) => unknown): { handler: Handler<Json, unknown>; began: Promise<void> } {
    const { promise: began, resolve } = told<undefined>();
    const handler = async (run: Run): Promise<unknown> => {
      resolve(undefined);
      await new Promise<void>((done) => {
        run.signal.addEventListener("abort", () => {
          done();
        });
      });
      return act(run);
    };
    return { handler, began };
  }

  test("takes what the handler still returns as its last report", async () => {
    const { handler, began } = patient(() => "as far as I got");
    const run = start(handler);
    await began;
    run.cancel();
    expect(await run.ended).toMatchObject({ state: "canceled", result: "as far as I got" });
  });

  test("refuses whatever the handler still tells", async () => {
    const refusals: unknown[] = [];
    const { handler, began } = patient(async (run) => {
      for (const act of [
        () => {
          run.progress(1);
        },
        () => {
          run.output("more");
        },
        () => {
          run.log.info("more");
        },
        () => run.cost({ money: 1 }),
        () => run.ask("Really?"),
        () => run.approve("act", {}),
        () => run.call("other"),
        () => run.start("other"),
        () => run.attach("a", "b"),
        () => run.handOff("other"),
      ]) {
        await Promise.resolve()
          .then(act)
          .catch((error: unknown) => refusals.push(error));
      }
      throw run.signal.reason;
    });
    const run = start(handler);
    await began;
    run.cancel();
    const ended = await run.ended;
    expect(ended).toMatchObject({ state: "canceled", output: "", questions: [], calls: [] });
    expect(ended.error).toEqual({ cause: "canceled", message: "Stopped: Somebody has stopped the run." });
    expect(refusals).toHaveLength(10);
    expect(refusals.every((error) => error instanceof Stopped && error.reason === "canceled")).toBe(true);
  });

  test("before its handler begins is not begun", async () => {
    const handler = vi.fn();
    const run = start(handler);
    run.cancel();
    const error = { cause: "canceled", message: "It was stopped before it began." };
    expect(await run.ended).toMatchObject({ state: "canceled", error });
    expect(handler).not.toHaveBeenCalled();
  });

  test("no longer waits for an answer", async () => {
    const asked = told<undefined>();
    const run = start((run) => run.ask("Who?"), {
      answer: () => {
        asked.resolve(undefined);
        return new Promise(() => undefined);
      },
    });
    await asked.promise;
    run.cancel();
    expect(await run.ended).toMatchObject({ state: "canceled", error: { cause: "canceled" } });
  });

  test("and lost gives no report any more", async () => {
    const { handler, began } = patient(() => "too late");
    const run = start(handler);
    await began;
    run.lose();
    expect(await run.ended).toMatchObject({ state: "stopped", result: null });
  });

  test("leaves a handler behind that does not heed it", async () => {
    vi.useFakeTimers();
    try {
      const began = told<undefined>();
      const run = start(() => {
        began.resolve(undefined);
        return new Promise(() => undefined);
      });
      await began.promise;
      run.cancel();
      await vi.advanceTimersByTimeAsync(STOP_MS.canceled);
      const ended = await run.ended;
      expect(ended.state).toBe("canceled");
      expect(ended.error?.message).toContain("left behind");
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("declaring", () => {
  test("a capability twice is refused", () => {
    const agent = new Agent().capability("a", {}, () => null);
    expect(() => agent.capability("a", {}, () => null)).toThrow("declared already");
  });

  test("an unknown capability is named with those that there are", () => {
    const agent = new Agent().capability("a", {}, () => null).capability("b", {}, () => null);
    expect(() => rehearse(agent, "c", {})).toThrow("no capability c; it has a, b");
  });

  test("types follow from the handler", () => {
    const agent = new Agent();
    agent.capability("a", {}, (_run, { text, most = 3 }: { text: string; most?: number }) =>
      text.slice(most),
    );
    agent.capability<{ text: string }, { length: number }>("b", {}, (_run, { text }) => ({
      length: text.length,
    }));
    // @ts-expect-error -- the result is not of the type that was given
    agent.capability<{ text: string }, { length: number }>("c", {}, (_run, { text }) => ({ length: text }));
    expect(agent.skill("a").capability.name).toBe("a");
  });
});

test.each([
  [{ token: "t" }, "YMERA_URL"],
  [{ url: "http://127.0.0.1:1" }, "YMERA_TOKEN"],
])("an agent without an address or token says what to set: %o", async (options, name) => {
  vi.stubEnv("YMERA_URL", "");
  vi.stubEnv("YMERA_TOKEN", "");
  const refused: unknown = await new Agent(options)
    .capability("a", {}, () => null)
    .run({ signals: false })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(YmeraError);
  expect((refused as YmeraError).message).toContain(name);
});

describe("files", () => {
  test("are read, listed and made, as versions too", async () => {
    const files = { "data/prices.csv": "a,b", "notes.txt": "hello" };
    const ended = await play(
      async (run) => {
        const names: string[] = [];
        for await (const { name, folder } of run.files.list({ folder: "data" }))
          names.push(`${folder}/${name}`);
        for await (const notes of run.files.list({ query: "notes" })) {
          const before = new TextDecoder().decode(await run.files.read(notes.id));
          await run.files.upload(Buffer.from(`${before} world`), { name: "notes.txt", fileId: notes.id });
        }
        await run.files.upload(new Blob(["1"]), { name: "notes.txt" });
        await run.files.upload(new Blob(["2"]), { name: "notes.txt", conflict: "version" });
        const path = join(await mkdtemp(join(tmpdir(), "ymera-run-")), "prices.csv");
        for await (const { id } of run.files.list({ query: "prices" })) await run.files.save(id, path);
        return [...names, await readFile(path, "utf8")];
      },
      { files },
    );
    expect(ended).toMatchObject({ state: "completed", result: ["data/prices.csv", "a,b"] });
    const made = ended.files.map(({ info, content }) => [
      info.name,
      info.number,
      Buffer.from(content).toString(),
    ]);
    expect(made).toEqual([
      ["notes.txt", 2, "hello world"],
      ["notes (2).txt", 1, "1"],
      ["notes.txt", 3, "2"],
    ]);
    expect(ended.files.every(({ info }) => info.run_id !== null)).toBe(true);
  });

  test("of a stopped run are neither made nor read", async () => {
    const begun = told<Run>();
    const run = start(async (run) => {
      begun.resolve(run);
      await new Promise((resolve) => {
        run.signal.addEventListener("abort", resolve);
      });
      await run.files.upload(new Blob(["late"]), { name: "late.txt" });
    });
    await begun.promise;
    run.cancel();
    expect(await run.ended).toMatchObject({ state: "canceled", files: [] });
  });

  test("that nobody knows are refused", async () => {
    const ended = await play((run) => run.files.read("nothing"));
    expect(ended.error?.message).toContain("There is no such file");
    const nameless = await play((run) => run.files.upload(new Blob(["?"])));
    expect(nameless.error?.message).toContain("what the file is to be called");
  });
});
