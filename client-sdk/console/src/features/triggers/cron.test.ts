import { expect, it } from "vitest";

import { nextTimes } from "./cron";

const FRIDAY = new Date("2026-03-06T12:00:00Z");

it("knows the next times in a zone", () => {
  expect(nextTimes("30 8 * * MON-FRI", "Europe/Berlin", 2, FRIDAY)).toEqual([
    "2026-03-09T07:30:00.000Z",
    "2026-03-10T07:30:00.000Z",
  ]);
});

it("refuses what is no crontab entry of five fields, and unknown zones", () => {
  expect(nextTimes("every day", "UTC", 1, FRIDAY)).toBeNull();
  expect(nextTimes("0 30 8 * * *", "UTC", 1, FRIDAY)).toBeNull();
  expect(nextTimes("61 8 * * *", "UTC", 1, FRIDAY)).toBeNull();
  expect(nextTimes("30 8 * * *", "Mars/Olympus", 1, FRIDAY)).toBeNull();
});
