/** What stands in the form of a trigger, and what it says. */

import type { CatchUp, EventFilter, Trigger, TriggerCreate, TriggerKind } from "@ymera/client";

import { readJson } from "#/ui/schema";

export interface TriggerDraft {
  name: string;
  kind: TriggerKind;
  cron: string;
  zone: string;
  catchUp: CatchUp;
  event: string;
  where: string;
}

export function draftOf(trigger: Trigger | null): TriggerDraft {
  const where = trigger?.filter?.where ?? {};
  return {
    name: trigger?.name ?? "",
    kind: trigger?.kind ?? "schedule",
    cron: trigger?.cron ?? "",
    zone: trigger?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    catchUp: trigger?.catch_up ?? "latest",
    event: trigger?.filter?.type ?? "",
    where: Object.keys(where).length > 0 ? JSON.stringify(where, null, 2) : "",
  };
}

type When = Pick<TriggerCreate, "cron" | "zone" | "catch_up" | "filter">;

/** When it is to fire, as the commands take it; or by field what is wrong. */
export function whenFrom(draft: TriggerDraft): { when: When } | { errors: Record<string, string> } {
  if (draft.kind === "webhook") return { when: {} };
  if (draft.kind === "schedule")
    return { when: { cron: draft.cron.trim(), zone: draft.zone.trim(), catch_up: draft.catchUp } };
  const where = draft.where.trim() === "" ? { value: {} } : readJson(draft.where);
  if ("error" in where) return { errors: { where: where.error } };
  const { value } = where;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { errors: { where: "Give a JSON object, in braces." } };
  const filter: EventFilter = { type: draft.event.trim(), where: value as Record<string, unknown> };
  return { when: { filter } };
}
