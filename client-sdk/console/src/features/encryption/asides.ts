/** What stands among the messages of an encrypted room and is none, and the order of both. */

import type { Mark, SealedChange } from "@ymera/client";

/** Marks of one kind and cause that follow one another: what was sent and is not shown like the rest. */
export interface MarkGroup {
  readonly what: "marks";
  readonly marks: readonly [Mark, ...Mark[]];
}

/** What a commit changed; renewals of keys that follow one another stand together. */
export interface ChangeGroup {
  readonly what: "changes";
  readonly changes: readonly [SealedChange, ...SealedChange[]];
}

export type Aside = MarkGroup | ChangeGroup;

/** A line of a timeline: a message, or what stands among them. */
export type Row<M> = { readonly message: M; readonly aside?: never } | { readonly aside: Aside };

/** The seq of an aside's first part; stays as more come in after it. */
export function seqOf(aside: Aside): number {
  return aside.what === "marks" ? aside.marks[0].seq : aside.changes[0].seq;
}

/** When it was, as its author says: milliseconds since 1970. */
export function atOf(aside: Aside): number {
  return aside.what === "marks" ? aside.marks[0].at : aside.changes[0].at;
}

/** Marks and changes by their seqs. */
export function asidesOf(marks: readonly Mark[], changes: readonly SealedChange[]): readonly Aside[] {
  const all: Aside[] = [
    ...marks.map((mark): Aside => ({ what: "marks", marks: [mark] })),
    ...changes.map((change): Aside => ({ what: "changes", changes: [change] })),
  ];
  return all.sort((one, other) => seqOf(one) - seqOf(other));
}

/**
 * Messages, oldest first, and asides in one order; asides that belong together are joined. Where older messages
 * are not loaded yet (`hasOlder`), asides from before the first one are left out.
 */
export function rowsOf<M extends { readonly seq: number }>(
  messages: readonly M[],
  asides: readonly Aside[],
  hasOlder: boolean,
): readonly Row<M>[] {
  const from = hasOlder ? (messages[0]?.seq ?? Infinity) : 0;
  const due = asides.filter((aside) => seqOf(aside) >= from);
  const rows: Row<M>[] = [];
  let next = 0;
  const put = (until: number) => {
    for (let aside; (aside = due[next]) !== undefined && seqOf(aside) <= until; next += 1) add(rows, aside);
  };
  for (const message of messages) {
    put(message.seq);
    rows.push({ message });
  }
  put(Infinity);
  return rows;
}

function add<M>(rows: Row<M>[], aside: Aside): void {
  const last = rows.at(-1)?.aside;
  const both = last && joined(last, aside);
  if (both) rows[rows.length - 1] = { aside: both };
  else rows.push({ aside });
}

/** Two asides as one, if they belong together. */
function joined(one: Aside, other: Aside): Aside | null {
  if (one.what === "marks" && other.what === "marks") {
    const [first, second] = [one.marks[0], other.marks[0]];
    const alike = first.kind === second.kind && first.reason === second.reason;
    return alike ? { what: "marks", marks: [...one.marks, ...other.marks] } : null;
  }
  if (one.what === "changes" && other.what === "changes") {
    const alike = one.changes[0].kind === "keys" && other.changes[0].kind === "keys";
    return alike ? { what: "changes", changes: [...one.changes, ...other.changes] } : null;
  }
  return null;
}
