import type { Membership, Message, RoomState } from "@ymera/client";
import { EMPTY_STATE } from "@ymera/client";
import { expect, it } from "vitest";

import { continues, merged, titleOf, unreadMessages } from "./model";

function message(seq: number, fields: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    version: 1,
    room: "r",
    seq,
    author_id: "ada",
    text: "hello",
    thread_id: null,
    task_id: null,
    mentions: [],
    reactions: {},
    reply_count: 0,
    created_at: "2026-01-01T10:00:00Z",
    edited_at: null,
    deleted: false,
    ...fields,
  };
}

it("merges pages with the live window, newest version first", () => {
  const list = merged(
    [message(3), message(1), message(2)],
    [message(3, { version: 2, text: "edited" }), message(4)],
  );
  expect(list.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(list[2]?.text).toBe("edited");
});

it("counts what others said since the marker", () => {
  const messages = [
    message(1),
    message(5),
    message(6, { author_id: "me" }),
    message(7, { deleted: true }),
    message(8, { thread_id: "m1" }),
    message(9),
  ];
  const state: RoomState = {
    ...EMPTY_STATE,
    messages: Object.fromEntries(messages.map((each) => [each.id, each])),
  };
  const membership: Membership = { id: "r", kind: "channel", name: "general", role: "editor", read_seq: 4 };
  expect(unreadMessages(state, membership, "me")).toBe(2);
});

it("groups one author's messages of a few minutes", () => {
  const first = message(1);
  expect(continues(undefined, first)).toBe(false);
  expect(continues(first, message(2, { created_at: "2026-01-01T10:04:00Z" }))).toBe(true);
  expect(continues(first, message(2, { created_at: "2026-01-01T10:06:00Z" }))).toBe(false);
  expect(continues(first, message(2, { author_id: "bo" }))).toBe(false);
});

it("names a direct conversation by whom it is with", () => {
  expect(titleOf({ name: "general" }, [])).toBe("general");
  expect(titleOf({ name: "" }, [{ name: "Ada" }, { name: "Bo" }])).toBe("Ada, Bo");
  expect(titleOf({ name: "" }, [])).toBe("Just you");
});
