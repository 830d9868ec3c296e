/** Cron entries as people check them: when they are due next. The server reckons for itself. */

import { Cron } from "croner";

/** The next times, in UTC, that a crontab entry is due; null if it is none, or the zone is unknown. */
export function nextTimes(
  cron: string,
  zone: string,
  count: number,
  from: Date = new Date(),
): string[] | null {
  if (cron.trim().split(/\s+/).length !== 5) return null;
  try {
    const times = new Cron(cron.trim(), { timezone: zone || "UTC", paused: true }).nextRuns(count, from);
    return times.map((time) => time.toISOString());
  } catch {
    return null;
  }
}

/** A moment as the clocks of a zone show it: `Mon, 2 Mar, 08:30`. */
export function inZone(at: string, zone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  }).format(new Date(at));
}

/** The time zones that this browser knows. */
export function zones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}
