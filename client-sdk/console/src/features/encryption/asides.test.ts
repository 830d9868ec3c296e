import type { Mark, SealedChange } from "@ymera/client";
import { expect, it } from "vitest";

import { type Aside, asidesOf, type Row, rowsOf, seqOf } from "./asides";
import { sentenceOf } from "./changes";

function mark(seq: number, kind: Mark["kind"] = "waiting", reason = "key_missing"): Mark {
  return { seq, kind, fp: "f", memberId: null, at: 0, reason, message: "", wayOut: "" };
}

function change(kind: SealedChange["kind"], more: Partial<SealedChange> = {}): SealedChange {
  return { seq: 1, kind, fp: "f", memberId: "ada", at: 0, targets: [], role: null, ...more };
}

function whom(...ids: string[]): SealedChange["targets"] {
  return ids.map((memberId) => ({ fp: memberId, memberId }));
}

const MESSAGES = [
  { id: "a", seq: 5 },
  { id: "b", seq: 9 },
];

/** What stands where: ids of messages, and of asides the seqs of their parts. */
function shown(rows: readonly Row<{ id: string }>[]): unknown[] {
  return rows.map((row) => (row.aside ? seqsOf(row.aside) : row.message.id));
}

function seqsOf(aside: Aside): number[] {
  return (aside.what === "marks" ? aside.marks : aside.changes).map(({ seq }) => seq);
}

it("has messages, marks and changes in the order in which they were sent", () => {
  const asides = asidesOf([mark(12), mark(7), mark(3), mark(8)], [change("added", { seq: 10 })]);
  expect(shown(rowsOf(MESSAGES, asides, false))).toEqual([[3], "a", [7, 8], "b", [10], [12]]);
});

it("keeps marks of other kinds or causes apart", () => {
  const asides = asidesOf([mark(6), mark(7, "void", "conflict"), mark(8, "void", "cycle")], []);
  expect(shown(rowsOf(MESSAGES, asides, false))).toEqual(["a", [6], [7], [8], "b"]);
});

it("joins renewals of keys, and nothing else that was changed", () => {
  const keys = [2, 3, 4].map((seq) => change("keys", { seq }));
  const left = [6, 7].map((seq) => change("left", { seq }));
  expect(shown(rowsOf(MESSAGES, asidesOf([], [...left, ...keys]), false))).toEqual([
    [2, 3, 4],
    "a",
    [6],
    [7],
    "b",
  ]);
});

it("leaves out what is from before the messages that are loaded", () => {
  const asides = asidesOf([mark(3)], [change("made")]);
  expect(shown(rowsOf(MESSAGES, asides, true))).toEqual(["a", "b"]);
  expect(rowsOf([], asides, true)).toEqual([]);
  expect(asides.map(seqOf)).toEqual([1, 3]);
});

/** A sentence with ids for names. */
function said(kind: SealedChange["kind"], more?: Partial<SealedChange>, times?: number): string {
  const parts = sentenceOf(change(kind, more), times);
  return parts.map((part) => (typeof part === "string" ? part : part.who)).join("");
}

it("says what commits have changed", () => {
  expect(said("made")).toBe("ada made this room");
  expect(said("added", { targets: whom("bo"), role: "member" })).toBe("ada added bo as a member");
  expect(said("added", { targets: whom("bo", "cy"), role: "reader" })).toBe("ada added bo and cy as readers");
  expect(said("role", { targets: whom("bo"), role: "admin" })).toBe("ada made bo an admin");
  expect(said("removed", { targets: whom("bo") })).toBe("ada removed bo");
  expect(said("left", { targets: whom("ada") })).toBe("ada left");
  expect(said("rules")).toBe("ada changed the rules of the room");
  expect(said("devices", { targets: whom("bo") })).toBe("bo changed devices");
  expect(said("keys")).toBe("Keys were renewed");
  expect(said("keys", {}, 3)).toBe("Keys were renewed 3 times");
});

it("names a few of many", () => {
  const all = { targets: whom("bo", "cy", "di", "ed", "flo"), role: "owner" } as const;
  expect(said("added", all)).toBe("ada added bo, cy, di and 2 others as owners");
  expect(said("removed", { targets: all.targets.slice(1) })).toBe("ada removed cy, di, ed and flo");
});
