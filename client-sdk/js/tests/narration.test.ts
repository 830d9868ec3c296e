/** What runs tell as they go along: nothing is lost or repeated, and it comes at a bearable pace. */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Keys } from "../src/agent/keys.js";
import { MAX_LINES_WAITING, Narration, PACE_MS, type Telling } from "../src/agent/narration.js";
import { Output } from "../src/agent/output.js";
import { fit, shorten } from "../src/agent/text.js";
import { MAX_LOG_LINES, MAX_OUTPUT, MAX_OUTPUT_CHUNK } from "../src/index.js";

function characters(text: string): number {
  return Array.from(text).length;
}

/** All that an output holds. */
function drain(output: Output): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (let piece; (piece = output.take()) !== null;) {
    expect(piece.offset).toBe(end);
    expect(characters(piece.text)).toBeLessThanOrEqual(MAX_OUTPUT_CHUNK);
    end += characters(piece.text);
    pieces.push(piece.text);
  }
  return pieces;
}

describe("output", () => {
  test("comes whole, however it is cut when it is written", () => {
    const text = fc.string({ unit: "binary", maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
        const output = new Output();
        const ends = [...cuts, text.length].sort((a, b) => a - b);
        for (const [n, end] of ends.entries()) output.write(text.slice(ends[n - 1] ?? 0, end));
        expect(drain(output).join("")).toBe(fit(text));
      }),
    );
  });

  test("goes in pieces that the server takes, counted in characters", () => {
    const output = new Output();
    output.write("🜚".repeat(MAX_OUTPUT_CHUNK + 1));
    expect(drain(output).map(characters)).toEqual([MAX_OUTPUT_CHUNK, 1]);
  });

  test("ends one character beyond what the server keeps, however much is written", () => {
    const output = new Output();
    for (let n = 0; n < 40; n += 1) output.write("🜚".repeat(MAX_OUTPUT / 20));
    expect(characters(drain(output).join(""))).toBe(MAX_OUTPUT + 1);
  });
});

describe("text", () => {
  test("without what cannot be kept", () => {
    expect(fit("a\0b\ud800c🜚")).toBe("a\ufffdb\ufffdc🜚");
  });

  test("is shortened by whole characters, with a sign", () => {
    expect(shorten("🜚🜚🜚", 3)).toBe("🜚🜚🜚");
    expect(shorten("🜚🜚🜚🜚", 3)).toBe("🜚🜚…");
    expect(shorten("", 3)).toBe("");
  });
});

describe("keys", () => {
  test("are the same for the same content, whatever the order of its fields", () => {
    expect(new Keys().next({ a: 1, b: { c: 2, d: [3] } })).toBe(
      new Keys().next({ b: { d: [3], c: 2 }, a: 1 }),
    );
  });

  test("differ by content, and by turn", () => {
    const keys = new Keys();
    const made = [keys.next({ a: 1 }), keys.next({ a: 2 }), keys.next({ a: 1 }), keys.next({ a: [1] })];
    expect(new Set(made).size).toBe(4);
  });
});

describe("a narration", () => {
  const sent: { at: number; telling: Telling }[] = [];
  let answer: () => Promise<void>;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    sent.length = 0;
    answer = () => Promise.resolve();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function narration(): Narration {
    return new Narration((telling) => {
      sent.push({ at: Date.now(), telling });
      return answer();
    });
  }

  test("sends output at once, then what has gathered, at most four times a second", async () => {
    const told = narration();
    for (let n = 0; n < 100; n += 1) {
      told.output("x");
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(PACE_MS);
    expect(sent.map(({ at }) => at)).toEqual([0, 250, 500, 750, 1_000]);
    expect(sent.map(({ telling }) => telling.fields)).toEqual([
      { text: "x", offset: 0 },
      { text: "x".repeat(24), offset: 1 },
      { text: "x".repeat(25), offset: 25 },
      { text: "x".repeat(25), offset: 50 },
      { text: "x".repeat(25), offset: 75 },
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(5);
  });

  test("sends of progress the newest, with each field as it was last", async () => {
    const told = narration();
    told.progress({ progress: 0.1, note: "begins" });
    for (let n = 2; n < 10; n += 1) told.progress({ progress: n / 10 });
    told.progress({ note: "ends" });
    await vi.advanceTimersByTimeAsync(PACE_MS);
    expect(sent.map(({ telling }) => telling.fields)).toEqual([
      { progress: 0.1, note: "begins" },
      { progress: 0.9, note: "ends" },
    ]);
  });

  test("has one report under way, and sends all at once when it is to be flushed", async () => {
    let answered: (() => void) | undefined;
    answer = () => new Promise((resolve) => (answered = resolve));
    const told = narration();
    told.output("one");
    told.output("two");
    told.log("info", "line", null);
    const flushed = told.flush();
    const order: (string | undefined)[] = [];
    for (let n = 0; n < 3; n += 1) {
      expect(sent).toHaveLength(n + 1);
      order.push(sent[n]?.telling.name);
      answered?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    await flushed;
    expect(order).toEqual(["run.output", "run.log", "run.output"]);
    expect(Date.now()).toBe(0);
  });

  test("leaves out lines that come too fast, and says how many", async () => {
    let answered: (() => void) | undefined;
    answer = () => new Promise((resolve) => (answered = resolve));
    const told = narration();
    for (let n = 0; n < MAX_LINES_WAITING + 51; n += 1) told.log("info", `line ${n}`, null);
    answer = () => Promise.resolve();
    answered?.();
    await told.flush();
    expect(sent).toHaveLength(MAX_LINES_WAITING + 2);
    expect(sent.at(-1)?.telling.fields).toEqual({
      level: "warning",
      message: "50 lines came too fast and are left out.",
    });
  });

  test("sends no more lines than the server keeps", async () => {
    const told = narration();
    for (let n = 0; n < MAX_LOG_LINES + 100; n += 1) {
      told.log("info", "line", null);
      await told.flush();
    }
    expect(sent).toHaveLength(MAX_LOG_LINES);
  });

  test("sends nothing more once it is stopped", async () => {
    const told = narration();
    told.output("one");
    await vi.advanceTimersByTimeAsync(0);
    told.output("two");
    told.stop();
    told.log("info", "line", null);
    await told.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
  });
});
