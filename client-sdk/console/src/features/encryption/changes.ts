/** What commits changed in a room, in words. */

import type { SealedChange, SealedRole } from "@ymera/client";

/** A piece of a sentence: words, or somebody by their id. */
export type Part = string | { readonly who: string };

/** Of more than these, the others are counted. */
const NAMED = 4;

const ONE: Readonly<Record<SealedRole, string>> = {
  reader: "a reader",
  member: "a member",
  admin: "an admin",
  owner: "an owner",
};

/** What a change says; `times`: so often in a row. */
export function sentenceOf(change: SealedChange, times = 1): readonly Part[] {
  const by: Part = { who: change.memberId };
  const targets = listed(change.targets.map(({ memberId }) => memberId));
  const role = roleOf(change);
  switch (change.kind) {
    case "made":
      return [by, " made this room"];
    case "added":
      return [by, " added ", ...targets, ` as ${role}`];
    case "role":
      return [by, " made ", ...targets, ` ${role}`];
    case "removed":
      return [by, " removed ", ...targets];
    case "left":
      return [by, " left"];
    case "rules":
      return [by, " changed the rules of the room"];
    case "devices":
      return [...targets, " changed devices"];
    case "keys":
      return [times === 1 ? "Keys were renewed" : `Keys were renewed ${times.toLocaleString()} times`];
  }
}

function roleOf({ role, targets }: SealedChange): string {
  if (role === null) return "";
  return targets.length === 1 ? ONE[role] : `${role}s`;
}

/** `Bo, Cy and 3 others`. */
function listed(ids: readonly string[]): readonly Part[] {
  const named: Part[] = ids.slice(0, ids.length > NAMED ? NAMED - 1 : NAMED).map((who) => ({ who }));
  if (ids.length > named.length) named.push(`${(ids.length - named.length).toLocaleString()} others`);
  return named.flatMap((part, at) => (at === 0 ? [part] : [at === named.length - 1 ? " and " : ", ", part]));
}
