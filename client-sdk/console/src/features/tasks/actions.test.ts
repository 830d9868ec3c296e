import { type Task, YmeraError } from "@ymera/client";
import { expect, it } from "vitest";

import { cycleOf } from "./actions";

const TASK = { id: "t", title: "old" } as unknown as Task;

it("names the tasks of a circle", () => {
  const cycle = (data: object) =>
    new YmeraError({ code: "cycle", message: "", retryable: false, data: { ...data }, correlation_id: "" });
  expect(cycleOf(cycle({ cycle: ["t", "gone"] }), { t: TASK })).toEqual(["old", "gone"]);
  expect(cycleOf(cycle({}), {})).toBeNull();
  expect(cycleOf(new Error("other"), {})).toBeNull();
});
