/** Values that were computed by another implementation of the same primitives, for the first lines of code. */

import { expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";

const KEY = new Uint8Array(32).fill(1);
const EPOCH = { roomRef: new Uint8Array(32).fill(3), number: 7 };
const DEVICE = new Uint8Array(16).fill(4);

test("hashes", () => {
  expect(cx1.toHex(cx1.derive(KEY, "cx1/next"))).toBe(
    "f9c9c662b569f9b3280e691e600813a94cc421954f64929e06cc296cfc35170e",
  );
  expect(cx1.toHex(cx1.digest("cx1/ct", cx1.utf8("abc")))).toBe(
    "ff332f10833c8af67e282ec9390397d2646b3c87969135fef12d7a53d3bd141f",
  );
});

test("an epoch and its first message keys", () => {
  const keyCommit = cx1.keyCommit(KEY, EPOCH);
  expect(cx1.toHex(keyCommit)).toBe("dc4867fc56da1d43395a2b2bae10a623449d6d0f091d81e109a154809410be69");
  const nobody = { prevWrap: new Uint8Array(), recipients: [], boxesHash: new Uint8Array(32) };
  const first = cx1.firstStrand({ ...EPOCH, ...nobody, keyCommit }, KEY, DEVICE);
  expect(cx1.toHex(first.key)).toBe("4513da9faa05143f509b6b3481c61896cadca36739cfbfb83bd7e5fda738cffd");
  expect([0n, 1n].map((ctr) => cx1.toHex(cx1.messageKey(cx1.turnTo(first, ctr))))).toEqual([
    "8adaabb40ab8a96ddf61714088fa54b02bfe84b3e6df0f12653505619b78d10c",
    "7ada8e454f5634537d7974b6dc9dfabb6a0d962185f611d316210afe4438fb6d",
  ]);
});

test("what follows from a recovery code", { timeout: 60_000 }, () => {
  const root = cx1.stretch("0123456789ABCDEFGHJKMNPQRSTVWX01", new Uint8Array(16).fill(5));
  expect(cx1.toHex(root)).toBe("4bd182f3482d0234f742b46ca851ca921dcf37090a4039837757814672de0d8c");
  const { publicKey } = cx1.signingPair(cx1.recoverySeed(root));
  expect(cx1.toHex(publicKey)).toBe("96f27ab7dc203614b731e1403615c3248774855e510043ab189383aea05ec50c");
});
