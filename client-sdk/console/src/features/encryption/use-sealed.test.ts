import type { Client } from "@ymera/client";
import { expect, it } from "vitest";

import { whoHasKeys } from "./use-sealed";

it("asks about every member, as many at once as the server takes", async () => {
  const asked: number[] = [];
  const client = {
    call: (_: string, { members }: { members: string[] }) => {
      asked.push(members.length);
      return Promise.resolve(members.filter((id) => id.endsWith("0")).map((id) => ({ id })));
    },
  } as unknown as Client;
  const everyone = Array.from({ length: 450 }, (_, each) => `${each}`);
  const keyed = await whoHasKeys(client, everyone);
  expect(asked).toEqual([200, 200, 50]);
  expect(keyed).toHaveLength(45);
  expect(keyed.at(-1)).toBe("440");
});
