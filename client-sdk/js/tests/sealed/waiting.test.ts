/** What pages ask of encrypted rooms while nothing works with their keys yet. */

import { expect, test } from "vitest";

import { localError } from "../../src/errors.js";
import type { Keys, KeysHost } from "../../src/sealed/keys.js";
import { SealedRooms, type SealedHost } from "../../src/sealed/sealed.js";

test("where the engine cannot be begun, that is said instead of waiting, and asked again once it can", async () => {
  let tells: KeysHost | undefined;
  const asked: string[] = [];
  const keys: Keys = {
    attach: (host) => {
      tells = host;
      const ask = (method: string): Promise<unknown> => {
        asked.push(method);
        return Promise.resolve(null);
      };
      return { ask: ask as never, close: () => Promise.resolve() };
    },
  };
  const faults: unknown[] = [];
  const host = { origin: "https://x.example", faulted: (error: unknown) => faults.push(error) };
  const sealed = new SealedRooms(keys, host as unknown as SealedHost);
  const waits = sealed.query("room", "room.get", { room: "room" });
  tells?.failed(localError("unavailable", "There is no room on the disk."));
  await expect(waits).rejects.toMatchObject({ code: "unavailable" });
  await expect(sealed.query("room", "room.get", { room: "room" })).rejects.toThrow("no room on the disk");
  await sealed.show("room");
  tells?.notice("status", { ...sealed.status.get(), state: "ready" });
  await sealed.query("room", "room.get", { room: "room" });
  expect(asked).toContain("commands.query");
});
