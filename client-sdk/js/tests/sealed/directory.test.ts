/** What a device keeps of identities: those that something names, and few others. */

import { expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Directory } from "../../src/sealed/directory.js";
import type { Courier, Ground } from "../../src/sealed/ground.js";
import { MemoryStore } from "../../src/sealed/store.js";
import { Script } from "./script.js";

const script = new Script();
const store = new MemoryStore();

function ground(member: string): Ground {
  const courier = ((name: string, payload: object) => script.request(member, name, payload)) as Courier;
  return { account: member, store, courier, now: Date.now, alarm: () => undefined };
}

/** A member with an identity; the fp. */
async function begun(member: string, seed: number): Promise<cx1.Hex> {
  const key = new Uint8Array(cx1.KEY).fill(seed);
  const { publicKey, secret } = cx1.signingPair(key);
  const genesis: cx1.Genesis = {
    type: "genesis",
    kind: cx1.Kind.human,
    recoveryPk: publicKey,
    salt: key.slice(0, 16),
    ownerFp: cx1.ZERO,
    edPk: publicKey,
    xPk: cx1.boxPublic(key),
  };
  const raw = cx1.writeGenesis(secret, genesis, 1n);
  await script.request(member, "identity.publish", { links: [cx1.toText(raw)] });
  return cx1.toHex(cx1.verifyChain([raw])[0].fp);
}

test("whom nothing names any more is forgotten, and can be met again", async () => {
  const names = Array.from({ length: 9 }, (_, number) => `member${number}`);
  const fps: cx1.Hex[] = [];
  for (const [number, name] of names.entries()) fps.push(await begun(name, number + 1));
  const [own, inRoom, verified, ...others] = fps as [cx1.Hex, cx1.Hex, cx1.Hex, ...cx1.Hex[]];
  const directory = new Directory(
    ground("member0"),
    () => undefined,
    () => undefined,
    2,
  );
  await directory.load();
  let named: ReadonlySet<cx1.Hex> | null = null;
  directory.needed = () => named;
  await directory.refresh(names.slice(0, 3));
  await directory.verify(verified);
  for (const name of names.slice(3, 6)) await directory.find(name);
  // As long as it is not known whom the rooms name, nobody is forgotten.
  expect(directory.histories.size).toBe(6);
  named = new Set([own, inRoom]);
  for (const name of names.slice(6)) await directory.find(name);
  const kept = new Set(directory.histories.keys());
  const newest = others.slice(-4);
  expect([own, inRoom, verified, ...newest.slice(-2)].every((fp) => kept.has(fp))).toBe(true);
  expect([...kept].every((fp) => [own, inRoom, verified, ...newest].includes(fp))).toBe(true);
  const stored = (await store.list("chain/")).map(([name]) => name.slice(6));
  expect(new Set(stored)).toEqual(kept);
  expect((await store.list("current/")).length).toBe(kept.size);
  expect(directory.concerns({ id: "member3", fp: cx1.toText(cx1.ZERO), seq: 0, head: "" })).toBe(false);
  expect(await directory.find("member3")).toBe(others[0]);
  expect(directory.trustOf(verified)).toBe("verified");
});
