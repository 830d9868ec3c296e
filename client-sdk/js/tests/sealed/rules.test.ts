/** The rules of sealed rooms: every script of the vectors comes to exactly the same here. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { EMPTY_STATE, foldEvents } from "../../src/fold.js";
import { Folded, handedOver, prepare, timestamp, type Plain } from "../../src/sealed/rules/index.js";
import { CONTENTS } from "../../src/generated/shapes.js";
import { played, Player, uid, Whole, type Script, type Step } from "./rules/playing.js";

const FOLDER = new URL("../../../vectors/content/", import.meta.url);
const FILES = readdirSync(FOLDER).map(
  (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as { scripts: Script[] },
);
const SCRIPTS = FILES.flatMap(({ scripts }) => scripts);
const STEPS = SCRIPTS.flatMap(({ steps }) => steps);

test.each(SCRIPTS)("$name", (script) => {
  const came = plain(played(script)) as unknown[];
  for (const [index, step] of script.steps.entries()) expect(came[index], label(step)).toEqual(step.comes);
});

test("what is refused and what changes nothing leaves the contents as they are", () => {
  for (const script of SCRIPTS) {
    const player = new Player(script.contents);
    for (const step of script.steps) {
      const before = JSON.stringify(player.whole.all("tasks")) + JSON.stringify(player.whole.all("messages"));
      const came = player.play(step) as { events?: readonly unknown[] };
      if (came.events !== undefined && came.events.length > 0) continue;
      expect(JSON.stringify(player.whole.all("tasks")) + JSON.stringify(player.whole.all("messages"))).toBe(
        before,
      );
    }
  }
});

test("every type of content that scripts are about is taken and refused by some", () => {
  const of = (kind: "events" | "refusal"): Set<unknown> =>
    new Set(STEPS.filter(({ comes }) => kind in (comes as object)).map(({ command }) => command?.type));
  const [taken, refused] = [of("events"), of("refusal")];
  const nouns = new Set([...taken].map((type) => String(type).split(".")[0]));
  const types = Object.keys(CONTENTS).filter((type) => nouns.has(type.split(".")[0]));
  expect(types.length).toBeGreaterThan(17);
  expect(types.filter((type) => !taken.has(type) || !refused.has(type))).toEqual([]);
});

test("a folded state with a lookup serves as well as all that there is", () => {
  const script = SCRIPTS.find(({ name }) => name === "old messages");
  if (script === undefined) throw new Error("there is no script with old messages");
  const whole = new Whole(script.contents);
  let state = EMPTY_STATE;
  const participants = Object.fromEntries(
    (script.contents["participants"] ?? []).map((each) => [each.id, each]),
  );
  state = { ...state, participants: participants as never };
  for (const step of script.steps) {
    const contents = new Folded(state, (collection, id) => whole.get(collection, id));
    const { command, events } = step.comes as {
      command: { data: Plain };
      events: { type: string; data: Plain }[];
    };
    const { base_version: baseVersion, ...known } = step.about;
    const asked = step.command ?? { type: "", data: {} };
    const made = prepare(
      contents,
      asked,
      { ...known, baseVersion },
      {
        newId: () => uid(0x10000 * step.about.seq),
        able: () => [],
      },
    );
    expect(made.data).toEqual(command.data);
    const logged = {
      room: step.about.room,
      seq: step.about.seq,
      at: step.about.at,
      actor: step.about.sender,
    };
    state = foldEvents(
      state,
      events.map((event) => ({ ...logged, ...event })),
    );
    whole.fold(events);
  }
  expect(Object.keys(state.messages)).toHaveLength(100);
  expect(whole.count("messages")).toBe(102);
});

test("what is handed over fits into envelopes, and is all that there is", () => {
  const task = STEPS.flatMap(
    ({ comes }) => (comes as { events?: { type: string; data: Plain }[] }).events ?? [],
  ).find(({ type }) => type === "task.created")?.data["task"] as Plain & { id: string };
  const tasks = Array.from({ length: 40 }, (_, number) => ({
    ...task,
    id: uid(0x5000 + number),
    description: "🚀".repeat(2_000 + 100 * number),
  }));
  const commands = handedOver(new Whole({ tasks }));
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    expect(new TextEncoder().encode(JSON.stringify(command)).length).toBeLessThan(256 * 1024);
  }
  expect(commands.flatMap(({ data }) => (data["entities"] as { tasks: unknown[] }).tasks)).toEqual(tasks);
});

test("times are those of the sender, and have an end", () => {
  expect(timestamp(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(timestamp(1_767_225_600_001n)).toBe("2026-01-01T00:00:00.001Z");
  expect(timestamp(2n ** 64n - 1n)).toBe("9999-12-31T23:59:59.999Z");
});

test("what is undefined in what is asked for is left out", () => {
  const about = { ...(STEPS[0] as Step).about, baseVersion: 0 };
  const data = { room: about.room, text: "x", thread_id: undefined, files: undefined };
  const made = prepare(new Whole({}), { type: "message.send", data }, about, {
    newId: () => uid(1),
    able: () => [],
  });
  expect(made.data).toEqual({ room: about.room, text: "x", id: uid(1), thread_id: null, files: [] });
});

function label(step: Step): string {
  return `seq ${step.about.seq}: ${step.command?.type ?? step.run}`;
}

/** As JSON has it. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
