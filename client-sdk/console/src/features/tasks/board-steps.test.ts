import type { Task, TaskStatus } from "@ymera/client";
import { expect, it } from "vitest";

import { carryStep, stepFrom } from "./board-steps";
import { columnsOf } from "./model";

const task = (id: string, status: TaskStatus) => ({ id, status, rank: id }) as unknown as Task;
const COLUMNS = columnsOf([task("a", "todo"), task("b", "todo"), task("c", "done"), task("d", "todo")]);
const DOWN = { columns: 0, rows: 1 } as const;
const UP = { columns: 0, rows: -1 } as const;
const RIGHT = { columns: 1, rows: 0 } as const;
const LEFT = { columns: -1, rows: 0 } as const;

it("walks through a column and past empty ones", () => {
  expect(stepFrom(COLUMNS, { status: "todo", index: 0 }, DOWN)).toEqual({ status: "todo", index: 1 });
  expect(stepFrom(COLUMNS, { status: "todo", index: 2 }, DOWN)).toBeNull();
  expect(stepFrom(COLUMNS, { status: "todo", index: 2 }, RIGHT)).toEqual({ status: "done", index: 0 });
  expect(stepFrom(COLUMNS, { status: "todo", index: 0 }, LEFT)).toBeNull();
});

it("carries a task up and down among the others", () => {
  const first = task("a", "todo");
  expect(carryStep(COLUMNS, first, { status: "todo", index: 0 }, UP)).toBeNull();
  expect(carryStep(COLUMNS, first, { status: "todo", index: 0 }, DOWN)).toEqual({ status: "todo", index: 1 });
  expect(carryStep(COLUMNS, first, { status: "todo", index: 2 }, DOWN)).toBeNull();
});

it("carries a task into an empty column, but not where the server would refuse it", () => {
  expect(carryStep(COLUMNS, task("b", "todo"), { status: "todo", index: 1 }, RIGHT)).toEqual({
    status: "in_progress",
    index: 0,
  });
  expect(carryStep(COLUMNS, task("c", "done"), { status: "done", index: 0 }, LEFT)).toEqual({
    status: "in_progress",
    index: 0,
  });
  expect(carryStep(COLUMNS, task("c", "done"), { status: "done", index: 0 }, RIGHT)).toBeNull();
});
