/**
 * What commits changed in a room, for people: who came, went or got another role; rules, devices and keys.
 *
 * Invariant: everybody who has read the same log has the same list, in which those are named as they were then.
 */

import type * as cx1 from "../crypto/index.js";
import type { SealedChange } from "./api.js";
import type { Entry, RoleChange } from "./entries.js";
import { cx1Text, roleName } from "./names.js";

/** Changes that are kept of a room: the newest. */
export const MAX_CHANGES = 200;

/** A member whose role a commit changed, as they were called at that turn of it. */
export interface Turn {
  readonly change: RoleChange;
  readonly memberId: string;
}

/** What a commit changed. `by` is what its author was called then; `renewed`: it made a new epoch after the first. */
export function changesOf(
  entry: Entry,
  by: string,
  turns: readonly Turn[],
  idOf: (fp: cx1.Hex) => string,
  renewed: boolean,
): readonly SealedChange[] {
  const bare = { seq: entry.seq, fp: cx1Text(entry.fp), memberId: by, at: entry.ms, targets: [], role: null };
  if (entry.seq === 1) return [{ ...bare, kind: "made" }];
  const changes: SealedChange[] = grouped(turns, entry.fp).map((group) => ({ ...bare, ...group }));
  if (entry.ruled === true) changes.push({ ...bare, kind: "rules" });
  const repinned = entry.repinned ?? [];
  if (repinned.length > 0) {
    const targets = repinned.map((fp) => ({ fp: cx1Text(fp), memberId: idOf(fp) }));
    changes.push({ ...bare, kind: "devices", targets });
  }
  if (changes.length === 0 && renewed) changes.push({ ...bare, kind: "keys" });
  return changes;
}

interface Group extends Pick<SealedChange, "kind" | "role"> {
  readonly targets: { readonly fp: string; readonly memberId: string }[];
}

/** Members to whom the same was done, one after another. */
function grouped(turns: readonly Turn[], author: cx1.Hex): readonly Group[] {
  const groups: Group[] = [];
  for (const { change, memberId } of turns) {
    const kind = kindOf(change, author);
    const role = change.role === null ? null : roleName(change.role);
    const target = { fp: cx1Text(change.fp), memberId };
    const last = groups.at(-1);
    if (last?.kind === kind && last.role === role) last.targets.push(target);
    else groups.push({ kind, role, targets: [target] });
  }
  return groups;
}

function kindOf({ fp, role, joined }: RoleChange, author: cx1.Hex): SealedChange["kind"] {
  if (role === null) return fp === author ? "left" : "removed";
  return joined ? "added" : "role";
}
