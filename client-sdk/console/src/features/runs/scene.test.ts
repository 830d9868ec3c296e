import type { LoggedEvent, RunInfo } from "@ymera/client";
import { describe, expect, it } from "vitest";

import { concerns, sceneOf } from "./scene";

const RUN = {
  id: "run",
  agent_id: "bot",
  requested_by: "ada",
  state: "submitted",
  attempt: 0,
  trigger_id: null,
  parent_id: null,
  previous_id: null,
  waiting_for: null,
  summary: "",
  error: null,
} as unknown as RunInfo;

let seq = 0;

function event(type: string, data: Record<string, unknown>, actor: string | null = "bot"): LoggedEvent {
  return { room: "room", seq: ++seq, type, at: "2026-01-01T00:00:00Z", actor, data };
}

function output(offset: number, text: string, fence = 1): LoggedEvent {
  return event("run.outputted", { run_id: "run", fence, offset, text, truncated: false });
}

describe("the output of a run", () => {
  it("is in order, each character once", () => {
    const { outputs } = sceneOf([output(0, "Hello, "), output(0, "Hello, "), output(5, ", world")]);
    expect(outputs.map(({ text }) => text)).toEqual(["Hello, world"]);
  });

  it("counts characters as the server does", () => {
    const { outputs } = sceneOf([output(0, "👍🏽 ok"), output(5, "!")]);
    expect(outputs[0]?.text).toBe("👍🏽 ok!");
  });

  it("names what is missing", () => {
    expect(sceneOf([output(0, "a"), output(4, "b")]).outputs[0]?.text).toContain("[3 characters are missing");
  });

  it("is kept apart by attempt", () => {
    const { outputs } = sceneOf([output(0, "first", 1), output(0, "second", 2)]);
    expect(outputs.map(({ fence, text }) => [fence, text])).toEqual([
      [1, "first"],
      [2, "second"],
    ]);
  });
});

describe("the steps of a run", () => {
  const history = [
    event("run.created", { run: RUN }, "ada"),
    event("run.updated", { run: { ...RUN, state: "working", attempt: 1 }, cause: "started", note: "" }),
    event("run.progressed", { run: { id: "run", progress: 0.25, note: "Reading" } }),
    output(0, "abc"),
    event("run.progressed", { run: { id: "run", progress: 0.5, note: "" } }),
    event("run.logged", { run_id: "run", fence: 1, level: "info", message: "half", data: null }),
    event("run.ended", { run_id: "run", run: { ...RUN, state: "completed", summary: "Done" }, note: "" }),
  ];

  it("fold work between two others into one", () => {
    expect(
      sceneOf(history).steps.map(({ who, says, detail, written }) => [who, says, detail, written]),
    ).toEqual([
      ["ada", "gave this work", "", 0],
      ["bot", "began", "", 0],
      ["bot", "came to 50 %", "Reading", 3],
      ["bot", "completed it", "Done", 0],
    ]);
  });

  it("show how it stood at any of them", () => {
    expect(sceneOf(history, 3).run).toMatchObject({ state: "working", progress: 0.25 });
    expect(sceneOf(history, 3).outputs).toEqual([]);
    expect(sceneOf(history).run?.state).toBe("completed");
    expect(sceneOf(history).lines.map(({ message }) => message)).toEqual(["half"]);
  });
});

it("keeps the newest of each question", () => {
  const question = { id: "q", run_id: "run", kind: "approval", state: "open", agent_id: "bot", prompt: "?" };
  const scene = sceneOf([
    event("question.asked", { question }),
    event("question.closed", {
      question_id: "q",
      question: { ...question, state: "answered", answer: true, answered_by: "ada", comment: "" },
    }),
  ]);
  expect(scene.questions).toMatchObject([{ id: "q", state: "answered" }]);
  expect(scene.steps.at(-1)).toMatchObject({ who: "ada", says: "approved it" });
});

it("knows the events of a run from others'", () => {
  expect(concerns(output(0, "a"), "run")).toBe(true);
  expect(concerns(event("question.asked", { question: { run_id: "run" } }), "run")).toBe(true);
  expect(concerns(event("task.created", { task: { id: "run" } }), "run")).toBe(false);
});
