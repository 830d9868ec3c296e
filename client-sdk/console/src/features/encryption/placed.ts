/** Where marks stand between messages: what was sent and is not shown like the rest. */

import type { Mark, Message } from "@ymera/client";

/** Marks of one kind and cause that follow one another without a message between them. */
export interface MarkGroup {
  /** Of its first mark; stays as marks come in after it. */
  readonly seq: number;
  readonly kind: Mark["kind"];
  readonly marks: readonly Mark[];
}

/**
 * Groups of marks by the id of the message that they stand before; under null those after the last one.
 * Where older messages are not loaded yet (`hasOlder`), marks from before the first one are left out.
 */
export function placed(
  messages: readonly Pick<Message, "id" | "seq">[],
  marks: readonly Mark[],
  hasOlder: boolean,
): ReadonlyMap<string | null, readonly MarkGroup[]> {
  const places = new Map<string | null, MarkGroup[]>();
  const first = messages[0]?.seq;
  let next = 0;
  for (const mark of [...marks].sort((a, b) => a.seq - b.seq)) {
    if (hasOlder && (first === undefined || mark.seq < first)) continue;
    while (next < messages.length && (messages[next]?.seq ?? 0) < mark.seq) next += 1;
    const place = messages[next]?.id ?? null;
    const groups = places.get(place) ?? [];
    places.set(place, withMark(groups, mark));
  }
  return places;
}

function withMark(groups: readonly MarkGroup[], mark: Mark): MarkGroup[] {
  const last = groups.at(-1);
  if (last?.kind === mark.kind && last.marks[0]?.reason === mark.reason)
    return [...groups.slice(0, -1), { ...last, marks: [...last.marks, mark] }];
  return [...groups, { seq: mark.seq, kind: mark.kind, marks: [mark] }];
}
