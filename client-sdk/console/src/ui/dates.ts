/** Moments and days as people read them, in the browser's language. */

const DAY = 86_400_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const precise = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });

/** `09:41`. */
export function timeOf(at: string): string {
  return clock.format(new Date(at));
}

/** `09:41:07`, where several things happen in a minute. */
export function preciseTimeOf(at: string): string {
  return precise.format(new Date(at));
}

/** The time without what a language adds to it, where there is little room: `9:41`. */
export function shortTimeOf(at: string): string {
  const parts = clock.formatToParts(new Date(at));
  return parts
    .filter(({ type }) => type !== "dayPeriod")
    .map(({ value }) => value)
    .join("")
    .trim();
}

/** Date and time, for tooltips. */
export function momentOf(at: string): string {
  return full.format(new Date(at));
}

/** `5 min ago`, then the day. */
export function agoOf(at: string, now: number = Date.now()): string {
  const passed = now - Date.parse(at);
  if (passed < 60_000) return "just now";
  if (passed < 3_600_000) return relative.format(-Math.floor(passed / 60_000), "minute");
  if (passed < DAY) return relative.format(-Math.floor(passed / 3_600_000), "hour");
  if (passed < 7 * DAY) return relative.format(-Math.floor(passed / DAY), "day");
  return dayOf(at, now);
}

/** `3 Mar`, with the year where it is another one. */
export function dayOf(at: string, now: number = Date.now()): string {
  const date = new Date(at.length === 10 ? `${at}T00:00:00` : at);
  return (date.getFullYear() === new Date(now).getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** The heading over a day's messages. */
export function dayHeading(at: string, now: number = Date.now()): string {
  const days = dayNumber(new Date(now)) - dayNumber(new Date(at));
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return weekday.format(new Date(at));
}

/** Whether two moments fall on one local day. */
export function sameDay(a: string, b: string): boolean {
  return dayNumber(new Date(a)) === dayNumber(new Date(b));
}

/** Today as `2026-03-01`, local. */
export function today(now: Date = new Date()): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function dayNumber(date: Date): number {
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / DAY);
}

/** A moment as a `datetime-local` field holds it: local, to the minute; empty for none. */
export function toLocal(at: string | null): string {
  if (at === null) return "";
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that a `datetime-local` field means; null for none. */
export function fromLocal(text: string): string | null {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
