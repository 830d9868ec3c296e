import { expect, it } from "vitest";

import { draftOf, whenFrom } from "./draft";

const DRAFT = { ...draftOf(null), zone: "UTC" };

it("says of a schedule its times, and of nothing else", () => {
  expect(whenFrom({ ...DRAFT, cron: " 0 8 * * * ", event: "task.created" })).toEqual({
    when: { cron: "0 8 * * *", zone: "UTC", catch_up: "latest" },
  });
  expect(whenFrom({ ...DRAFT, kind: "webhook", cron: "0 8 * * *" })).toEqual({ when: {} });
});

it("reads the conditions of an event", () => {
  const event = { ...DRAFT, kind: "event" as const, event: "task.created" };
  expect(whenFrom({ ...event, where: '{"task.status": "todo"}' })).toEqual({
    when: { filter: { type: "task.created", where: { "task.status": "todo" } } },
  });
  expect(whenFrom({ ...event, where: "[1]" })).toEqual({
    errors: { where: "Give a JSON object, in braces." },
  });
  expect(whenFrom({ ...event, where: "{" })).toHaveProperty("errors.where");
});
