/** A batch gives what its envelopes give one after another, and leaves the states it was given as they are. */

import { describe, expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Memory, Person, Stage } from "./cast.js";

const EPHEMERAL = { ...cx1.DEFAULT_POLICY, retention: cx1.Retention.ephemeral, rotateSecs: 86_400 };
const ANN = new Person("ann");
const BOB = new Person("bob");

/** A room with some more said in it than whoever takes a batch has seen. */
function talk(policy?: cx1.Policy): {
  readonly stage: Stage;
  readonly timeline: cx1.Timeline;
  readonly ring: cx1.KeyRing;
  readonly past: Memory;
  readonly raws: readonly Uint8Array[];
} {
  const stage = new Stage(ANN, [BOB], policy);
  stage.say(ANN, "before");
  const { timeline, ring } = stage;
  const past = remembered(stage.memory);
  const raws = [ANN, BOB, ANN, BOB].map((by) => stage.say(by, "more"));
  return { stage, timeline, ring, past, raws };
}

function remembered(memory: Memory): Memory {
  const copy = new Memory();
  for (const [seq, hash] of memory.hashes) copy.hashes.set(seq, hash);
  for (const id of memory.clientIds) copy.clientIds.add(id);
  return copy;
}

describe.each([
  ["keeps", cx1.DEFAULT_POLICY],
  ["is ephemeral", EPHEMERAL],
])("in a room that %s", (_, policy) => {
  test("a batch leads to the states that single steps lead to", () => {
    const { stage, timeline, ring, past, raws } = talk(policy);
    const before = { cursors: new Map(timeline.cursors), strands: new Map(ring.get(1)?.strands) };
    const batch = cx1.receiveAll(timeline, ring, raws, past);
    expect(batch.refusal).toBeNull();
    expect(batch.timeline).toEqual(stage.timeline);
    expect(batch.ring).toEqual(stage.ring);
    expect(batch.hashes).toEqual([4n, 5n, 6n, 7n].map((seq) => stage.memory.hashes.get(seq)));
    expect(batch.outcomes.map(({ what }) => what)).toEqual(raws.map(() => "opened"));
    expect({ cursors: timeline.cursors, strands: ring.get(1)?.strands }).toEqual(before);
  });

  test("a refusal keeps what came before it", () => {
    const { timeline, ring, past, raws } = talk(policy);
    const [first, second] = raws as [Uint8Array, Uint8Array];
    const batch = cx1.receiveAll(timeline, ring, [first, second, first, second], past);
    const good = cx1.receiveAll(timeline, ring, [first, second], past);
    expect(batch.refusal?.fault).toBe("replay");
    expect({ ...batch, refusal: null }).toEqual(good);
    const malformed = cx1.receiveAll(timeline, ring, [new Uint8Array(3)], past);
    expect(malformed.refusal?.fault).toBe("truncated");
    expect(malformed.timeline).toEqual(timeline);
  });
});

test("stubs stand among envelopes, and what cannot be read is passed over", () => {
  const { stage, timeline, past, raws } = talk();
  const [first, second, third] = raws as [Uint8Array, Uint8Array, Uint8Array];
  const stub = cx1.stubOf(cx1.parseEnvelope(second));
  const stubs = new Set([timeline.seq + 2n]);
  const batch = cx1.receiveAll(timeline, cx1.EMPTY_RING, [first, stub, third], past, { stubs });
  expect(batch.outcomes.map(({ what }) => what)).toEqual(["waiting", "deleted", "waiting"]);
  expect(batch.timeline.hash).toEqual(stage.memory.hashes.get(timeline.seq + 3n));
});

test("a client_id is new within a batch too", () => {
  const { timeline, ring, past, raws } = talk();
  const [first] = raws as [Uint8Array];
  const { clientId } = cx1.parseEnvelope(first).header;
  const state = cx1.receiveAll(timeline, ring, [first], past).timeline;
  const message = { content: { type: cx1.ContentType.json, data: cx1.utf8("{}") }, clientId, sentMs: 1n };
  const { raw } = cx1.sealMessage(state, ring, BOB.author(), message, { nonce: new Uint8Array(24) });
  expect(cx1.receiveAll(timeline, ring, [first, raw], past).refusal?.fault).toBe("client_id");
});
