/** The rooms that one is in, in the order in which they are listed. */

import type { Membership } from "@ymera/client";

export type Memberships = Record<"projects" | "channels" | "directs" | "sealed", readonly Membership[]>;

/** All of them, by kind: by name, and encrypted ones, whose names the server does not know, the newest first. */
export function byKind(memberships: Readonly<Record<string, Membership>>): Memberships {
  const all = Object.values(memberships).sort(
    (a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1),
  );
  const of = (kind: Membership["kind"]) => all.filter((membership) => membership.kind === kind);
  return {
    projects: of("project"),
    channels: of("channel"),
    directs: of("direct"),
    sealed: of("sealed").sort((a, b) => (a.id > b.id ? -1 : 1)),
  };
}
