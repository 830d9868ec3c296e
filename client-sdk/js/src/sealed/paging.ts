/** Pages of lists that a device has whole. A cursor is the number of the items before it. */

import type { Page } from "../generated/protocol.js";
import { faultError } from "./faults.js";
import type { Plain } from "./rules/about.js";

const PAGE = 50;

/** The page of a list that a query asks for. */
export function paged<T>(items: readonly T[], { cursor, limit }: Plain): Page<T> {
  if (cursor != null && !(typeof cursor === "string" && /^\d{1,9}$/.test(cursor))) {
    throw faultError("invalid", "cursor: this is none of this list.", { path: "cursor" });
  }
  const start = Number(cursor ?? 0);
  const end = start + Number(limit ?? PAGE);
  return { items: items.slice(start, end), next: end < items.length ? String(end) : null };
}
