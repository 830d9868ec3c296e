/** Sending survives crashes, second tabs and races; who was removed reads nothing; states are values. */

import { expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Memory, Person, refusal, Stage } from "./cast.js";
import { LIMITS } from "./limits.js";

const SHARED: cx1.Policy = { ...cx1.DEFAULT_POLICY, history: cx1.Access.shared };
const EPHEMERAL: cx1.Policy = {
  ...cx1.DEFAULT_POLICY,
  retention: cx1.Retention.ephemeral,
  rotateSecs: 86_400,
};

function room(policy?: cx1.Policy): { ann: Person; bob: Person; stage: Stage } {
  const [ann, bob] = [new Person("ann"), new Person("bob")];
  return { ann, bob, stage: new Stage(ann, [bob], policy) };
}

function textOf(outcome: cx1.Outcome): unknown {
  return outcome.what === "opened" ? cx1.jsonObject(outcome.content.data)["text"] : outcome.what;
}

/** What somebody with these keys reads of all that was said. */
function texts(stage: Stage, ring: cx1.KeyRing): unknown[] {
  return stage.items
    .filter((item) => item.what === "envelope")
    .map((item) => textOf(cx1.readAdmitted(cx1.parseEnvelope(item.raw), ring).outcome));
}

test.each(LIMITS.map((limit) => [limit.name, limit] as const))("%s is refused", (_, { fault, deed }) => {
  expect(refusal(deed).fault).toBe(fault);
});

test("several can be under way at once", () => {
  const { ann, stage } = room();
  let cursor: cx1.Cursor | undefined;
  const raws = ["one", "two", "three"].map((text) => {
    const place = { nonce: stage.chance.draw(24), ...(cursor && { cursor }) };
    const sealed = cx1.sealMessage(stage.timeline, stage.ring, ann.author(), stage.message(text), place);
    cursor = sealed.cursor;
    return sealed.raw;
  });
  expect(raws.map((raw) => textOf(stage.receive(raw)))).toEqual(["one", "two", "three"]);
  expect(cx1.cursorOf(stage.timeline, ann.devices[0].id)).toEqual(cursor);
});

test("the same intent that was sealed in two tabs is said once", () => {
  const { ann, stage } = room();
  const message = stage.message("once");
  const [first, second] = [stage.seal(ann, message), stage.seal(ann, message)];
  stage.receive(first);
  const conflict = refusal(() => stage.receive(second));
  expect([conflict.code, conflict.data]).toEqual(["ctr_conflict", { expected: 1n }]);
  expect(refusal(() => stage.receive(stage.seal(ann, message))).fault).toBe("client_id");
});

test("what lost a race with a rotation is sealed anew", () => {
  const { ann, bob, stage } = room();
  const message = stage.message("late");
  const late = stage.seal(ann, message);
  stage.commit(bob, [{ op: "rotate" }]);
  const stale = refusal(() => stage.receive(late));
  expect([stale.code, stale.data]).toEqual(["epoch_stale", { epoch: 2 }]);
  expect(textOf(stage.receive(stage.seal(ann, message)))).toBe("late");
});

test("of two commits one wins and the other is made again", () => {
  const { ann, bob, stage } = room();
  const [won, lost] = [ann, bob].map((by) => stage.write(by, [{ op: "rotate" }]).raw);
  const { timeline, nextSeq, directory, memory } = stage;
  const after = cx1.applyCommit(timeline, nextSeq, won ?? cx1.ZERO, directory, memory);
  const conflict = refusal(() => cx1.applyCommit(after, nextSeq + 1n, lost ?? cx1.ZERO, directory, memory));
  expect([conflict.code, conflict.data]).toEqual(["commit_conflict", { head: cx1.toHex(after.room.head) }]);
});

test("a client that was rolled back goes on from its own newer events", () => {
  const { ann, stage } = room();
  let { timeline, ring } = stage;
  const known = stage.items.length;
  const memory = new Memory();
  for (const [seq, hash] of stage.memory.hashes) memory.hashes.set(seq, hash);
  stage.say(ann, "said");
  stage.say(ann, "and said");
  for (const { raw } of stage.items.slice(known)) {
    ({ timeline, ring } = cx1.receive(timeline, ring, timeline.seq + 1n, raw, memory));
    memory.hashes.set(timeline.seq, timeline.hash);
  }
  expect(timeline.cursors).toEqual(stage.timeline.cursors);
});

test("who was removed reads nothing from then on, and cannot post", () => {
  const { ann, bob, stage } = room(SHARED);
  stage.say(ann, "before");
  const kept = stage.ring;
  stage.commit(ann, [{ op: "remove", fp: bob.fp }]);
  stage.say(ann, "after");
  expect(texts(stage, kept)).toEqual(["before", "waiting"]);
  expect(texts(stage, stage.ring)).toEqual(["before", "after"]);
  expect(refusal(() => stage.seal(bob, stage.message("?"))).fault).toBe("device_inactive");
});

test.each([
  [SHARED, ["first", "second", "third"]],
  [cx1.DEFAULT_POLICY, ["waiting", "waiting", "third"]],
])("a newcomer reads what the policy %o gives", (policy, expected) => {
  const { ann, bob, stage } = room(policy);
  stage.say(ann, "first");
  stage.commit(bob, [{ op: "rotate" }]);
  stage.say(bob, "second");
  const cat = new Person("cat");
  stage.people.push(cat);
  stage.commit(ann, [{ op: "add", fp: cat.fp, role: cx1.Role.member, pin: cat.pin }]);
  stage.say(ann, "third");
  const secret = stage.secrets.get(stage.room.epoch) ?? cx1.ZERO;
  const unlocked = cx1.unlockEpochs(cx1.EMPTY_RING, stage.room.epochs, stage.room.epoch, secret, {
    ephemeral: false,
  });
  expect(unlocked.broken).toBeNull();
  expect(texts(stage, unlocked.ring)).toEqual(expected);
  expect(cx1.secretsOf(unlocked.ring).size).toBe(policy === SHARED ? 3 : 1);
});

test("an ephemeral room keeps no key that was used", () => {
  const { ann, stage } = room(EPHEMERAL);
  const raw = stage.say(ann, "once");
  const read = (ring: cx1.KeyRing): unknown => cx1.readAdmitted(cx1.parseEnvelope(raw), ring).outcome;
  expect(cx1.secretsOf(stage.ring).size).toBe(0);
  expect(read(stage.ring)).toMatchObject({ what: "unreadable", fault: "key_deleted" });
  expect(read(cx1.dropEpoch(stage.ring, 1))).toMatchObject({ what: "waiting" });
});

test("before sending, new and lost devices are committed, and an old epoch ends", () => {
  const { ann, bob, stage } = room();
  const fresh = { envelopes: 0, ageSecs: 0 };
  expect(cx1.dueOps(stage.room, stage.directory, fresh)).toEqual([]);
  expect(cx1.dueOps(stage.room, stage.directory, { ...fresh, envelopes: 10_000 })).toEqual([
    { op: "rotate" },
  ]);
  const device = bob.addDevice();
  const due = cx1.dueOps(stage.room, stage.directory, fresh);
  expect(due).toEqual([{ op: "devup", fp: bob.fp, pin: bob.pin }]);
  expect(cx1.needsEpoch(stage.room, ann.fp, due, stage.directory)).toBe(false);
  stage.commit(ann, due);
  expect(cx1.ungranted(stage.room)).toEqual([{ fp: bob.fp, deviceId: device.id }]);
  bob.revoke(device);
  const lost = cx1.dueOps(stage.room, stage.directory, fresh);
  expect(cx1.needsEpoch(stage.room, ann.fp, lost, stage.directory)).toBe(true);
});

test("an ephemeral envelope arrives once and takes no place", () => {
  const { ann, stage } = room();
  const content = { type: cx1.ContentType.json, data: cx1.utf8('{"typing":true}') };
  const passing = { content, clientId: new Uint8Array(16), sentMs: 5000n };
  const place = { seen: cx1.seenAt(stage.timeline), nonce: new Uint8Array(24) };
  const raw = cx1.sealEphemeral(stage.room, stage.ring, ann.author(), passing, place);
  const first = cx1.receiveEphemeral(stage.room, stage.ring, raw, new Map(), 5001n);
  expect(first.content).toEqual(content);
  const again = refusal(() => cx1.receiveEphemeral(stage.room, stage.ring, raw, first.last, 5002n));
  expect([again.fault, again.blame]).toEqual(["sent_order", "input"]);
});

test("a field of another length is the caller's mistake", () => {
  const { ann, stage } = room();
  const message = { ...stage.message("?"), clientId: new Uint8Array(15) };
  expect(() => stage.seal(ann, message)).toThrow(RangeError);
});

test("states can be cloned, so that a store and another thread can have them", () => {
  const { ann, stage } = room();
  stage.say(ann, "kept");
  expect(structuredClone(stage.timeline)).toEqual(stage.timeline);
  expect(structuredClone(stage.ring)).toEqual(stage.ring);
  expect(structuredClone(ann.history)).toEqual(ann.history);
});

test("a refusal changes nothing", () => {
  const { ann, stage } = room();
  const before = structuredClone(stage.timeline);
  const raw = stage.seal(ann, stage.message("spoilt"));
  const spoilt = raw.map((byte, index) => (index === raw.length - 1 ? byte ^ 1 : byte));
  expect(refusal(() => stage.receive(spoilt)).fault).toBe("envelope_signature");
  expect(stage.timeline).toEqual(before);
  expect(textOf(stage.receive(raw))).toBe("spoilt");
});
