/** What in a room is not shown like the rest: why, and the way out, in words for people. */

import type { YmeraError } from "../errors.js";

import type { Mark } from "./api.js";
import type { Directory } from "./directory.js";
import type { Entry } from "./ledger.js";
import { cx1Text } from "./names.js";

/** The mark of an entry that holds nothing that can be read; null of one that does. */
export function markOf(entry: Entry, directory: Directory): Mark | null {
  const name = directory.about(entry.fp)?.name ?? "somebody unknown";
  switch (entry.sort) {
    case "waiting":
      return mark(entry, directory, "waiting", {
        reason: "key_missing",
        message: `The key for this message of ${name} has not come to this device yet.`,
        wayOut: "Members who have the key were asked for it; it comes when one of their devices is online.",
      });
    case "unreadable":
      return mark(entry, directory, "unreadable", {
        reason: entry.fault ?? "content",
        message: `A device of ${name} has sent something that cannot be read (${entry.fault ?? "content"}).`,
        wayOut: `Ask ${name} to send it again, and to update the program that it was sent with.`,
      });
    case "erased":
      return mark(entry, directory, "erased", {
        reason: "erased",
        message: `What ${name} said here was deleted.`,
        wayOut: "It is gone for good; whoever has kept it can say it again.",
      });
    case "commit":
    case "opened":
      return null;
  }
}

/** The mark of a command that the room's rules refuse. */
export function voided(entry: Entry, refusal: YmeraError, directory: Directory): Mark {
  const name = directory.about(entry.fp)?.name ?? "somebody unknown";
  return mark(entry, directory, "void", {
    reason: refusal.code,
    message: `What ${name} did here changes nothing: ${refusal.message}`,
    wayOut: "Nothing needs to be done; it has no effect for anybody.",
  });
}

function mark(
  entry: Entry,
  directory: Directory,
  kind: Mark["kind"],
  words: Pick<Mark, "reason" | "message" | "wayOut">,
): Mark {
  const memberId = directory.about(entry.fp)?.memberId ?? null;
  return { seq: entry.seq, kind, fp: cx1Text(entry.fp), memberId, at: entry.ms, ...words };
}
