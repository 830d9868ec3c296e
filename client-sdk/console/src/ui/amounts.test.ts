import { expect, it } from "vitest";

import { bytesOf, durationOf, moneyFrom, moneyOf } from "./amounts";

it("shows millionths as an amount, small ones too", () => {
  expect(moneyOf(1_250_000)).toBe("1.25");
  expect(moneyOf(0)).toBe("0.00");
  expect(moneyOf(4_210)).toBe("0.0042");
});

it("reads an amount that a person typed", () => {
  expect(moneyFrom("1.25")).toBe(1_250_000);
  expect(moneyFrom(" 0,5 ")).toBe(500_000);
  expect(moneyFrom("")).toBeNull();
  expect(moneyFrom("a lot")).toBeUndefined();
  expect(moneyFrom("-1")).toBeUndefined();
});

it("shows durations in their two largest units", () => {
  expect(durationOf(0.34)).toBe("0.3 s");
  expect(durationOf(59.7)).toBe("1 min");
  expect(durationOf(250)).toBe("4 min 10 s");
  expect(durationOf(7_500)).toBe("2 h 5 min");
  expect(durationOf(90_000)).toBe("1 d 1 h");
});

it("shows bytes", () => {
  expect(bytesOf(12)).toBe("12 B");
  expect(bytesOf(3_500)).toBe("3.4 KiB");
});
