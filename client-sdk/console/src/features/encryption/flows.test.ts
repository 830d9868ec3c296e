import type { PairingFlow, PairingStep } from "@ymera/client";
import { expect, it } from "vitest";

import { nextOf } from "./flows";

function flow(id: string, step: PairingStep["step"]): PairingFlow {
  const state = { get: () => ({ step }) as PairingStep, subscribe: () => () => undefined };
  const nothing = () => Promise.resolve();
  return { id, purpose: "link", memberId: "me", state, confirm: nothing, differ: nothing, cancel: nothing };
}

it("begins to show pairings that go on, and none that has ended or was closed", () => {
  const flows = [flow("done", "done"), flow("failed", "failed"), flow("closed", "waiting")];
  const closed = new Set(["closed"]);
  expect(nextOf(flows, closed)).toBeUndefined();
  for (const step of ["offered", "asked", "waiting", "compare"] as const)
    expect(nextOf([...flows, flow("open", step)], closed)?.id).toBe("open");
});
