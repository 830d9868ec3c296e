/** What in a room is not shown like the rest: why, and the way out, in words for people. */

import type { YmeraError } from "../errors.js";

import type { Mark } from "./api.js";
import type { Entry } from "./entries.js";
import { cx1Text } from "./names.js";
import type { Naming } from "./naming.js";

/** The mark of an entry that holds nothing that can be read; null of one that does. */
export function markOf(entry: Entry, naming: Naming): Mark | null {
  const name = naming.nameOf(entry.fp);
  switch (entry.sort) {
    case "waiting":
      return mark(entry, naming, "waiting", {
        reason: "key_missing",
        message: `The key for this message of ${name} has not come to this device yet.`,
        wayOut: "Members who have the key were asked for it; it comes when one of their devices is online.",
      });
    case "unreadable":
      return mark(entry, naming, "unreadable", {
        reason: entry.fault ?? "content",
        message: `A device of ${name} has sent something that cannot be read (${entry.fault ?? "content"}).`,
        wayOut: `Ask ${name} to send it again, and to update the program that it was sent with.`,
      });
    case "erased":
      return mark(entry, naming, "erased", {
        reason: "erased",
        message: `What ${name} said here was deleted.`,
        wayOut: "It is gone for good; whoever has kept it can say it again.",
      });
    case "commit":
    case "opened":
      return null;
  }
}

/** The mark of what waits for a key that never comes to this device: it was said before it could read here. */
export function closed(mark: Mark, ephemeral: boolean): Mark {
  const why = ephemeral ? "keys of this room are deleted after use" : "newcomers read what comes after them";
  return {
    ...mark,
    kind: "before",
    reason: "before",
    message: `This was said before this device could read here, and ${why}.`,
    wayOut: "It stays closed to this device. Whoever has read it can say it again.",
  };
}

/** The mark of a command that the room's rules refuse. */
export function voided(entry: Entry, refusal: YmeraError, naming: Naming): Mark {
  const name = naming.nameOf(entry.fp);
  return mark(entry, naming, "void", {
    reason: refusal.code,
    message: `What ${name} did here changes nothing: ${refusal.message}`,
    wayOut: "Nothing needs to be done; it has no effect for anybody.",
  });
}

function mark(
  entry: Entry,
  naming: Naming,
  kind: Mark["kind"],
  words: Pick<Mark, "reason" | "message" | "wayOut">,
): Mark {
  const memberId = naming.idOf(entry.fp);
  return { seq: entry.seq, kind, fp: cx1Text(entry.fp), memberId, at: entry.ms, ...words };
}
