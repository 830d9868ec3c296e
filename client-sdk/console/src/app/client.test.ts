import { YmeraError } from "@ymera/client";
import { expect, it } from "vitest";

import { openRoom } from "./client";

function refusing(code: "limit_exceeded" | "internal") {
  return {
    room: () => {
      throw new YmeraError({ code, message: "No.", retryable: false, data: {}, correlation_id: "" });
    },
  };
}

it("goes on without a room that is one too many to be used at once", () => {
  expect(openRoom(refusing("limit_exceeded"), "1")).toMatchObject({ id: "1", room: null });
  expect(openRoom(refusing("limit_exceeded"), "1").error?.message).toBe("No.");
  expect(() => openRoom(refusing("internal"), "1")).toThrow("No.");
});
