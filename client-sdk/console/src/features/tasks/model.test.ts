import type { Task, TaskStatus } from "@ymera/client";
import { describe, expect, it } from "vitest";

import { byRank, canMove, canParent, columnsOf, labelsOf, placeAt, rankBetween } from "./model";

function task(id: string, fields: Partial<Task> = {}): Task {
  return {
    id,
    version: 1,
    project_id: "p",
    title: id,
    description: "",
    status: "todo",
    priority: "none",
    rank: "V",
    labels: [],
    estimate: null,
    due: null,
    parent_id: null,
    assignees: [],
    depends_on: [],
    blocked: false,
    comment_count: 0,
    external_id: null,
    created_by: "m",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    completed_at: null,
    ...fields,
  };
}

describe("rankBetween", () => {
  it("finds room between any two neighbours, again and again", () => {
    for (const [lower, upper] of [
      [null, null],
      [null, "1"],
      ["V", null],
      ["z", null],
      ["V", "W"],
      ["V", "V1"],
      ["Vz", "W"],
      ["a", "b5"],
    ] as const) {
      let low: string | null = lower;
      for (let turn = 0; turn < 50; turn++) {
        const rank = rankBetween(low, upper);
        if (low !== null) expect(rank > low, `${rank} > ${low}`).toBe(true);
        if (upper !== null) expect(rank < upper, `${rank} < ${upper}`).toBe(true);
        low = rank;
      }
    }
  });

  it("goes on downwards as well", () => {
    let high: string | null = null;
    for (let turn = 0; turn < 50; turn++) {
      const rank = rankBetween(null, high);
      if (high !== null) expect(rank < high).toBe(true);
      high = rank;
    }
  });
});

describe("placeAt", () => {
  const column = [task("a", { rank: "B" }), task("b", { rank: "D" }), task("c", { rank: "F" })];

  it("names the task above, or at the top the one below", () => {
    expect(placeAt(column, "x", 0)).toMatchObject({ before: "a" });
    expect(placeAt(column, "x", 1)).toMatchObject({ after: "a" });
    expect(placeAt(column, "x", 3)).toMatchObject({ after: "c" });
    expect(placeAt([], "x", 0)).not.toHaveProperty("after");
  });

  it("does not count the moving task as its own neighbour", () => {
    expect(placeAt(column, "a", 1)).toMatchObject({ after: "b" });
    expect(placeAt(column, "c", 0)).toMatchObject({ before: "a" });
  });

  it("shows the task exactly there", () => {
    for (let index = 0; index <= 2; index++) {
      const moved = column.map((each) =>
        each.id === "a" ? { ...each, rank: placeAt(column, "a", index).rank } : each,
      );
      expect(moved.sort(byRank).findIndex(({ id }) => id === "a")).toBe(index);
    }
  });
});

describe("columnsOf", () => {
  it("sorts bytewise by rank, then by id", () => {
    const tasks = [
      task("b", { rank: "a" }),
      task("a", { rank: "a" }),
      task("c", { rank: "Z" }),
      task("d", { status: "done" }),
    ];
    const columns = columnsOf(tasks);
    expect(columns.todo.map(({ id }) => id)).toEqual(["c", "a", "b"]);
    expect(columns.done).toHaveLength(1);
  });
});

it("knows the legal moves", () => {
  const legal = (from: TaskStatus, to: TaskStatus) => canMove(from, to);
  expect(legal("todo", "canceled")).toBe(true);
  expect(legal("done", "in_review")).toBe(false);
  expect(legal("done", "done")).toBe(true);
  expect(legal("canceled", "in_progress")).toBe(false);
});

it("offers no parent that would close a circle", () => {
  const tasks = { a: task("a"), b: task("b", { parent_id: "a" }), c: task("c", { parent_id: "b" }) };
  expect(canParent(tasks, "a", "c")).toBe(false);
  expect(canParent(tasks, "a", "a")).toBe(false);
  expect(canParent(tasks, "c", "a")).toBe(true);
});

it("lists labels by use", () => {
  expect(labelsOf([task("a", { labels: ["ui", "api"] }), task("b", { labels: ["api"] })])).toEqual([
    "api",
    "ui",
  ]);
});
