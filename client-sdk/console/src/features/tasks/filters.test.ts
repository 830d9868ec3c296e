import type { Task } from "@ymera/client";
import { expect, it } from "vitest";

import { NOBODY, isFiltered, matches, parseFilters, toggled } from "./filters";

const TASK = {
  title: "Draw the moon",
  assignees: ["ada"],
  labels: ["ui"],
  priority: "high",
  blocked: false,
} as unknown as Task;

it("joins filters by and, the values of one by or", () => {
  expect(matches(TASK, {})).toBe(true);
  expect(matches(TASK, { assignee: ["bob", "ada"], label: ["ui"] })).toBe(true);
  expect(matches(TASK, { assignee: ["ada"], label: ["api"] })).toBe(false);
  expect(matches(TASK, { priority: ["low"] })).toBe(false);
  expect(matches(TASK, { blocked: true })).toBe(false);
  expect(matches(TASK, { q: "MOON" })).toBe(true);
});

it("finds the tasks of nobody", () => {
  expect(matches(TASK, { assignee: [NOBODY] })).toBe(false);
  expect(matches({ ...TASK, assignees: [] }, { assignee: [NOBODY] })).toBe(true);
});

it("takes from an address only what fits", () => {
  expect(parseFilters({ assignee: ["a", 3], priority: ["high", "extreme"], blocked: "yes", q: 42 })).toEqual({
    assignee: ["a"],
    priority: ["high"],
    q: "42",
  });
  expect(isFiltered(parseFilters({ label: "ui", q: "" }))).toBe(false);
});

it("toggles a value", () => {
  expect(toggled(undefined, "a")).toEqual(["a"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(toggled(["a"], "a")).toBeUndefined();
});
