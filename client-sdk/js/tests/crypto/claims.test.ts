/** What was found out about signatures ahead of their turn saves checking them, and nothing else. */

import { describe, expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Memory, Person, Stage } from "./cast.js";

const ANN = new Person("ann");
const BOB = new Person("bob");
const CY = new Person("cy");

function talk(): {
  readonly before: cx1.Timeline;
  readonly ring: cx1.KeyRing;
  readonly raw: Uint8Array;
} {
  const stage = new Stage(ANN, [BOB]);
  const { timeline: before, ring } = stage;
  return { before, ring, raw: stage.say(ANN, "said") };
}

/** With its signature spoilt. */
function forged(raw: Uint8Array): Uint8Array {
  const copy = raw.slice();
  copy.set([(copy.at(-1) ?? 0) ^ 1], copy.length - 1);
  return copy;
}

describe("a claim", () => {
  test("is of the key that the room has for the device, and of none for a stranger's", () => {
    const { before, raw } = talk();
    expect(cx1.claimOf(before.room, raw, false)).toEqual({
      raw,
      stub: false,
      edPk: ANN.devices[0].signing.publicKey,
    });
    const alone = new Stage(CY, []);
    expect(cx1.claimOf(before.room, alone.say(CY, "said"), false)).toBeUndefined();
    expect(cx1.claimOf(before.room, new Uint8Array(3), false)).toBeUndefined();
  });

  test("is good if just that key has signed just that", () => {
    const { raw } = talk();
    const edPk = ANN.devices[0].signing.publicKey;
    const stub = cx1.stubOf(cx1.parseEnvelope(raw));
    expect(cx1.isClaimGood({ raw, stub: false, edPk })).toBe(true);
    expect(cx1.isClaimGood({ raw: stub, stub: true, edPk })).toBe(true);
    expect(cx1.isClaimGood({ raw: forged(raw), stub: false, edPk })).toBe(false);
    expect(cx1.isClaimGood({ raw: forged(stub), stub: true, edPk })).toBe(false);
    expect(cx1.isClaimGood({ raw, stub: true, edPk })).toBe(false);
    expect(cx1.isClaimGood({ raw, stub: false, edPk: BOB.devices[0].signing.publicKey })).toBe(false);
  });
});

test("a signature is not checked again where its device's key was found to have made it", () => {
  const { before, ring, raw } = talk();
  const take = (signer?: Uint8Array): cx1.Batch =>
    cx1.receiveAll(before, ring, [forged(raw)], new Memory(), { signers: [signer] });
  expect(take(ANN.devices[0].signing.publicKey).refusal).toBeNull();
  expect(take(BOB.devices[0].signing.publicKey).refusal?.fault).toBe("envelope_signature");
  expect(take().refusal?.fault).toBe("envelope_signature");
});

test("whose signature it is says nothing of the rest", () => {
  const { before, ring, raw } = talk();
  const signers = [ANN.devices[0].signing.publicKey, ANN.devices[0].signing.publicKey];
  const twice = cx1.receiveAll(before, ring, [raw, raw], new Memory(), { signers });
  expect(twice.refusal?.fault).toBe("replay");
  const room = { ...before.room, active: new Map() };
  const out = cx1.receiveAll({ ...before, room }, ring, [raw], new Memory(), { signers });
  expect(out.refusal?.fault).toBe("device_inactive");
});
