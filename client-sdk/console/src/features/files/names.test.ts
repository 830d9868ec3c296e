import { expect, it } from "vitest";

import { daysLeft, marksOf, pathOf, stemLength } from "./names";

it("leads from the outermost folder to the innermost", () => {
  expect(pathOf("")).toEqual([]);
  expect(pathOf("a/b c/d")).toEqual([
    { name: "a", path: "a" },
    { name: "b c", path: "a/b c" },
    { name: "d", path: "a/b c/d" },
  ]);
});

it("tells what was found from what stands around it, also where it is cut off", () => {
  expect(marksOf("a \u0002b\u0003 <i>c</i> \u0002d")).toEqual([
    { text: "a ", marked: false },
    { text: "b", marked: true },
    { text: " <i>c</i> ", marked: false },
    { text: "d", marked: true },
  ]);
});

it("renames what stands before the ending", () => {
  expect(["report.pdf", ".env", "notes"].map(stemLength)).toEqual([6, 4, 5]);
});

it("counts the days that are left", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const left = ["2026-03-01T11:00:00Z", "2026-03-02T11:00:00Z", "2026-03-31T11:00:00Z"];
  expect(left.map((until) => daysLeft(until, now))).toEqual(["today", "1 day", "30 days"]);
});
