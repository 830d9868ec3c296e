import type { SealedMember, SealedPolicy, SealedRole } from "@ymera/client";
import { expect, it } from "vitest";

import { codeFile, groupsOf, halvesOf, inviteLink, pathOf, rowsOf } from "./codes";
import { rightsIn, rotationOf, whatNewcomersRead } from "./words";

const POLICY: SealedPolicy = {
  history: "shared",
  whoAdd: "admins",
  retention: "keep",
  rotateMsgs: 10_000,
  rotateSecs: 604_800,
};

function member(fp: string, role: SealedRole): SealedMember {
  return { fp, role, memberId: fp, trust: "unverified", agent: false, owner: null, devices: [] };
}

it("lets owners do everything but put themselves out", () => {
  const rights = rightsIn({ role: "owner", policy: POLICY }, "me");
  expect(rights.grants).toEqual(["reader", "member", "admin", "owner"]);
  expect(rights.changesRoles && rights.changesRules).toBe(true);
  expect(rights.removes(member("other", "owner"))).toBe(true);
  expect(rights.removes(member("me", "owner"))).toBe(false);
});

it("lets admins add members and put out those below them", () => {
  const rights = rightsIn({ role: "admin", policy: POLICY }, "me");
  expect(rights.grants).toEqual(["reader", "member"]);
  expect(rights.changesRoles).toBe(false);
  expect(rights.changesRules).toBe(true);
  expect(rights.removes(member("other", "member"))).toBe(true);
  expect(rights.removes(member("other", "admin"))).toBe(false);
});

it("lets members add only where the room says so, and readers never", () => {
  const open: SealedPolicy = { ...POLICY, whoAdd: "members" };
  expect(rightsIn({ role: "member", policy: POLICY }, "me").grants).toEqual([]);
  expect(rightsIn({ role: "member", policy: open }, "me").grants).toEqual(["reader", "member"]);
  expect(rightsIn({ role: "reader", policy: open }, "me").grants).toEqual([]);
  expect(rightsIn({ role: null, policy: open }, null).grants).toEqual([]);
});

it("says how often keys change", () => {
  expect(rotationOf(POLICY)).toContain("every 7 days");
  expect(rotationOf({ ...POLICY, rotateSecs: 86_400 })).toContain("every 24 hours");
  expect(rotationOf({ ...POLICY, rotateSecs: 60 })).toContain("every hour");
});

it("promises newcomers no more than they will read", () => {
  expect(whatNewcomersRead(POLICY)).toContain("from the beginning");
  expect(whatNewcomersRead({ ...POLICY, history: "from_join" })).toContain("from now on");
  expect(whatNewcomersRead({ ...POLICY, retention: "ephemeral" })).toContain("from now on");
});

it("shows codes in pieces", () => {
  expect(groupsOf("ABCD-EFGH-1234")).toEqual(["ABCD", "EFGH", "1234"]);
  expect(rowsOf("00001 00002 00003 00004 00005")).toEqual([["00001", "00002", "00003", "00004"], ["00005"]]);
  expect(halvesOf("12345678")).toEqual(["1234", "5678"]);
  expect(
    pathOf([
      [true, false],
      [false, true],
    ]),
  ).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
});

it("writes a file that says whose code it is", () => {
  const file = codeFile("ABCD-EFGH", "Ada", "ymera.example", new Date("2026-03-01T12:00:00Z"));
  expect(file.split("\n").slice(0, 3)).toEqual(["Recovery code of Ada at ymera.example", "", "ABCD-EFGH"]);
  expect(file).toContain("2026-03-01");
});

it("puts an invitation's link together again", () => {
  expect(inviteLink("https://ymera.example", "7", "a.b.c")).toBe("https://ymera.example/i/7#a.b.c");
});
