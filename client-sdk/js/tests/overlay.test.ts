/** Optimism: shown at once, taken back when refused, gone when the truth has come. */

import { beforeEach, expect, test } from "vitest";

import { foldEvents, foldSnapshot, type RoomState } from "../src/fold.js";
import type { OptimisticChange } from "../src/index.js";
import { Overlays } from "../src/overlay.js";
import { event, ME } from "./events.js";

const room = "apollo";
const title = (id: string, title: string): OptimisticChange => ({
  room,
  collection: "tasks",
  patch: { id, title },
});

let overlays: Overlays;
let confirmed: RoomState;

beforeEach(() => {
  overlays = new Overlays();
  confirmed = foldSnapshot({
    tasks: [
      { id: "t1", title: "Land" },
      { id: "t2", title: "Return" },
    ],
  });
});

function shown(id = "t1"): string | undefined {
  return overlays.show(room, confirmed).tasks[id]?.title;
}

test("changes are laid over the state in the order of their calls", () => {
  expect(overlays.add("c1", [title("t1", "Walk")])).toEqual(new Set([room]));
  overlays.add("c2", [title("t1", "Run")]);
  expect(shown()).toBe("Run");
  expect(confirmed.tasks["t1"]?.title).toBe("Land");
});

test("entities appear and disappear", () => {
  const message = { ...foldSnapshot({ messages: [{ id: "m1", seq: 9, text: "Go" }] }).messages["m1"] };
  overlays.add("c1", [{ room, collection: "messages", entity: message as never }]);
  overlays.add("c2", [{ room, collection: "tasks", drop: "t2" }]);
  const state = overlays.show(room, confirmed);
  expect(state.messages["m1"]?.text).toBe("Go");
  expect(Object.keys(state.tasks)).toEqual(["t1"]);
});

test("a refused change is taken back, and what was called after it stays", () => {
  overlays.add("c1", [title("t1", "Walk")]);
  overlays.add("c2", [title("t2", "Come back")]);
  expect(overlays.remove("c1")).toEqual(new Set([room]));
  expect(shown("t1")).toBe("Land");
  expect(shown("t2")).toBe("Come back");
});

test("an answered change stays until its event has come: the state never flickers back", () => {
  overlays.add("c1", [title("t1", "Walk")]);
  overlays.sent("c1", () => 4);
  expect(overlays.acknowledged("c1")).toEqual(new Set());
  expect(shown()).toBe("Walk");
  overlays.applied(room, [event(5, "task.updated", {}, { actor: "someone else" })], ME);
  expect(shown()).toBe("Walk");
  const own = event(6, "task.updated", { task: { id: "t1", title: "Walk", version: 2 } });
  confirmed = foldEvents(confirmed, [own]);
  overlays.applied(room, [own], ME);
  expect(overlays.show(room, confirmed)).toBe(confirmed);
});

test("an event that comes before the answer counts, and the change goes with the answer", () => {
  overlays.add("c1", [title("t1", "Walk")]);
  overlays.sent("c1", () => 4);
  overlays.applied(room, [event(5, "task.updated", {})], ME);
  expect(shown()).toBe("Walk");
  expect(overlays.acknowledged("c1")).toEqual(new Set([room]));
  expect(shown()).toBe("Land");
});

test("events before the command was sent do not count, not even when it is sent again", () => {
  overlays.add("c1", [title("t1", "Walk")]);
  overlays.applied(room, [event(3, "task.updated", {})], ME);
  overlays.sent("c1", () => 3);
  overlays.sent("c1", () => 9);
  overlays.acknowledged("c1");
  expect(shown()).toBe("Walk");
  overlays.applied(room, [event(4, "task.updated", {})], ME);
  expect(shown()).toBe("Land");
});

test("a change in two rooms is shown in both and goes from each with its own event", () => {
  const other: OptimisticChange = { room: "gemini", collection: "tasks", patch: { id: "t1", title: "Dock" } };
  expect(overlays.add("c1", [title("t1", "Walk"), other])).toEqual(new Set([room, "gemini"]));
  overlays.sent("c1", () => 1);
  overlays.acknowledged("c1");
  overlays.applied(room, [event(2, "task.updated", {})], ME);
  expect(shown()).toBe("Land");
  expect(overlays.show("gemini", confirmed).tasks["t1"]?.title).toBe("Dock");
});

test("without pending changes the shown state is the confirmed one itself", () => {
  expect(overlays.show(room, confirmed)).toBe(confirmed);
});
