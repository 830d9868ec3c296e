import type { CatchUp, Trigger, TriggerKind } from "@ymera/client";

export const KIND_NAMES: Readonly<Record<TriggerKind, string>> = {
  schedule: "At certain times",
  event: "When something happens here",
  webhook: "When a webhook is called",
};

export const CATCH_UP_NAMES: Readonly<Record<CatchUp, string>> = {
  skip: "Leave them out",
  latest: "Run once, for the last one",
  all: "Run for each",
};

/** Events that people have work started by; any other of the project's can be written. */
export const USUAL_EVENTS = [
  "task.created",
  "task.updated",
  "task.blocked",
  "message.sent",
  "participant.added",
];

/** When a trigger fires, in words. */
export function whenOf({ kind, cron, zone, filter }: Trigger): string {
  switch (kind) {
    case "schedule":
      return `${cron ?? ""} (${zone})`;
    case "event":
      return filter ? `On ${filter.type}${conditionsOf(filter.where ?? {})}` : "On an event";
    case "webhook":
      return "On a signed request";
  }
}

function conditionsOf(where: Readonly<Record<string, unknown>>): string {
  const conditions = Object.entries(where).map(([path, value]) => `${path} is ${wordsOf(value)}`);
  return conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
}

function wordsOf(value: unknown): string {
  return Array.isArray(value)
    ? value.map((each) => JSON.stringify(each)).join(" or ")
    : JSON.stringify(value);
}
