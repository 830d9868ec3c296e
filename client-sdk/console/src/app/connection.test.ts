import { expect, it } from "vitest";

import { wordsFor } from "./connection";

it("says what the connection is doing, and what waits for it", () => {
  expect(wordsFor({ phase: "live", queued: 0 })).toBe("Live");
  expect(wordsFor({ phase: "live", queued: 1 })).toBe("Sending 1 change");
  expect(wordsFor({ phase: "catching_up", queued: 3 })).toBe("Catching up, 3 changes to send");
  expect(wordsFor({ phase: "offline", queued: 2 })).toBe("Offline, 2 changes queued");
  expect(wordsFor({ phase: "signed_out", queued: 0 })).toBe("Signed out");
});
