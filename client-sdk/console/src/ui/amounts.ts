/** Amounts as people read them: money in millionths of a currency, tokens, seconds, shares, bytes. */

const MILLION = 1_000_000;

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const coarse = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const fine = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });

/** `1.25`; amounts below a hundredth with their first two digits. */
export function moneyOf(millionths: number): string {
  const amount = millionths / MILLION;
  return amount !== 0 && Math.abs(amount) < 0.01 ? fine.format(amount) : coarse.format(amount);
}

/** Millionths from what a person typed; null for nothing, undefined for what is no amount. */
export function moneyFrom(text: string): number | null | undefined {
  const typed = text.trim().replace(",", ".");
  if (typed === "") return null;
  const amount = Number(typed);
  return amount >= 0 && amount <= 1e9 ? Math.round(amount * MILLION) : undefined;
}

/** `812`, `12.4K`. */
export function countOf(count: number): string {
  return count < 10_000 ? whole.format(count) : short.format(count);
}

/** `0.3 s`, `12 s`, `4 min 10 s`, `2 h 5 min`, `3 d 1 h`. */
export function durationOf(seconds: number): string {
  if (seconds < 10) return `${(Math.round(seconds * 10) / 10).toString()} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3_600) return parts(total, 60, "min", 1, "s");
  if (total < 86_400) return parts(total, 3_600, "h", 60, "min");
  return parts(total, 86_400, "d", 3_600, "h");
}

function parts(total: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((total % big) / small);
  return `${Math.floor(total / big)} ${bigUnit}${rest > 0 ? ` ${rest} ${smallUnit}` : ""}`;
}

/** Seconds from one moment to another. */
export function secondsBetween(from: string, to: string | number): number {
  return Math.max(0, ((typeof to === "number" ? to : Date.parse(to)) - Date.parse(from)) / 1_000);
}

/** `42 %`. */
export function percentOf(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** `12 B`, `3.4 KiB`, `1.2 MiB`, `210 GiB`. */
export function bytesOf(bytes: number): string {
  if (bytes < 1_024) return `${Math.round(bytes)} B`;
  let amount = bytes / 1_024;
  let unit = 0;
  for (; amount >= 1_024 && unit < UNITS.length - 1; unit += 1) amount /= 1_024;
  return `${amount < 100 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}
