import type { Membership } from "@ymera/client";
import { expect, it } from "vitest";

import { byKind } from "./memberships";

function memberships(kind: Membership["kind"], count: number): Record<string, Membership> {
  const all = Array.from({ length: count }, (_, number) => {
    const id = `${kind} ${String(number).padStart(4, "0")}`;
    return [id, { id, kind, name: kind === "sealed" ? "" : id } as Membership] as const;
  });
  return Object.fromEntries(all);
}

it("lists all rooms that one is in, encrypted ones the newest first", () => {
  const { projects, sealed } = byKind({ ...memberships("sealed", 300), ...memberships("project", 300) });
  expect(projects).toHaveLength(300);
  expect(projects[0]?.id).toBe("project 0000");
  expect(sealed).toHaveLength(300);
  expect(sealed[0]?.id).toBe("sealed 0299");
});
