/** A state that was dumped and loaded goes on exactly as the original; other bytes are refused. */

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Person, Stage } from "./cast.js";
import { byteStrings } from "./plain.js";
import { expected, play, VECTORS } from "./vectors.js";

/** The process of whoever takes something ends before it: what is held goes to the store and back. */
vi.mock("../../src/crypto/index.js", async (importOriginal) => {
  const original = await importOriginal<typeof cx1>();
  const same = <T>(before: T, loaded: T): T => {
    expect(loaded).toEqual(before);
    return loaded;
  };
  const { dumpRoom, loadRoom, dumpTimeline, loadTimeline, dumpKeys, loadKeys } = original;
  const reRoom = (room: cx1.Room): cx1.Room => same(room, loadRoom(dumpRoom(room)));
  const re = (timeline: cx1.Timeline): cx1.Timeline => same(timeline, loadTimeline(dumpTimeline(timeline)));
  const reKeys = (ring: cx1.KeyRing, { epochs }: cx1.Room): cx1.KeyRing =>
    same(withoutCache(ring), loadKeys(dumpKeys(ring), epochs));
  const restarting: Partial<typeof cx1> = {
    applyToRoom: (room, ...rest) => original.applyToRoom(reRoom(room), ...rest),
    applyCommit: (timeline, ...rest) => original.applyCommit(re(timeline), ...rest),
    receive: (timeline, ring, ...rest) =>
      original.receive(re(timeline), reKeys(ring, timeline.room), ...rest),
    receiveStub: (timeline, ...rest) => original.receiveStub(re(timeline), ...rest),
  };
  return { ...original, ...restarting };
});

/** A ring without what can be made again. */
function withoutCache(ring: cx1.KeyRing): cx1.KeyRing {
  return new Map(
    Array.from(ring, ([number, keys]) => [
      number,
      keys.secret === null ? keys : { ...keys, strands: new Map<cx1.Hex, cx1.Strand>() },
    ]),
  );
}

const PLAYED = VECTORS.filter(({ case: { run } }) =>
  ["timeline", "anchored", "room", "boxes", "grant", "due"].includes(run),
);

test.each(PLAYED.map((vector) => [vector.name, vector] as const))("%s goes on from dumps", (_, vector) => {
  expect(play(vector)).toEqual(expected(vector));
});

const ANN = new Person("ann");
ANN.append({ type: "device_rekey", deviceId: ANN.devices[0].id, version: 1, xPk: cx1.boxPublic(cx1.ZERO) });
ANN.append({ type: "agent_endorse", agentFp: new Person("agent").fp });
ANN.revoke(ANN.addDevice());
const EPHEMERAL = { ...cx1.DEFAULT_POLICY, retention: cx1.Retention.ephemeral, rotateSecs: 86_400 };
const STAGE = new Stage(ANN, [new Person("bob")], EPHEMERAL);
STAGE.commit(ANN, [{ op: "rotate" }]);
STAGE.say(ANN, "hello");
const [FIRST, SECOND] = [1, 2].map((number) => ({
  epoch: cx1.findEpoch(STAGE.room.epochs, number),
  secret: STAGE.secrets.get(number) ?? cx1.ZERO,
})) as [Held, Held];
interface Held {
  readonly epoch: cx1.Epoch;
  readonly secret: Uint8Array;
}

test("chains come back", () => {
  const chains = new Map(
    VECTORS.flatMap(({ chains: all }) => Object.values(all)).map((each) => [each.join(), each]),
  );
  for (const history of [
    ANN.history,
    ...[...chains.values()].map((links) => cx1.verifyChain(byteStrings(links))),
  ]) {
    expect(cx1.loadHistory(cx1.dumpHistory(history))).toEqual(history);
    const newest = cx1.newestState(history);
    expect(cx1.loadChain(cx1.dumpChain(newest))).toEqual(newest);
  }
});

test("keys that were used do not come back", () => {
  const { epoch, secret } = FIRST;
  const [{ id }] = ANN.devices;
  const before = cx1.holdSecret(cx1.EMPTY_RING, epoch, secret, { ephemeral: true });
  const { key, ring } = cx1.takeKey(before, 1, id, 0n);
  const dump = cx1.dumpKeys(ring);
  expect(cx1.loadKeys(dump, STAGE.room.epochs)).toEqual(ring);
  const used = before.get(1)?.strands.get(cx1.toHex(id))?.key ?? cx1.ZERO;
  expect(used).not.toEqual(cx1.ZERO);
  for (const gone of [secret, key, used]) expect(cx1.toHex(dump)).not.toContain(cx1.toHex(gone));
});

/** Of one epoch the chains, of another the secret. */
const RING = cx1.holdSecret(
  cx1.holdSecret(cx1.EMPTY_RING, FIRST.epoch, FIRST.secret, { ephemeral: true }),
  SECOND.epoch,
  SECOND.secret,
  { ephemeral: false },
);

interface Dump {
  readonly data: Uint8Array;
  readonly load: (data: Uint8Array) => unknown;
}

const DUMPS: Readonly<Record<string, Dump>> = {
  chain: { data: cx1.dumpChain(cx1.newestState(ANN.history)), load: cx1.loadChain },
  history: { data: cx1.dumpHistory(ANN.history), load: cx1.loadHistory },
  room: { data: cx1.dumpRoom(STAGE.room), load: cx1.loadRoom },
  timeline: { data: cx1.dumpTimeline(STAGE.timeline), load: cx1.loadTimeline },
  keys: { data: cx1.dumpKeys(RING), load: (data) => cx1.loadKeys(data, STAGE.room.epochs) },
};

describe.each(Object.entries(DUMPS))("a stored %s", (name, { data, load }) => {
  test("that is another, or of another version, is refused", () => {
    const others = Object.values(DUMPS).filter((other) => other.data !== data);
    for (const other of [...others.map((each) => each.data), cx1.concat(cx1.u8(2), data.subarray(1))]) {
      expect(() => load(other)).toThrow(`no stored ${name}: `);
    }
  });

  test("that is cut or longer is refused", () => {
    const spoilt = [cx1.concat(data, cx1.u8(0)), data.slice(0, data.length >> 1), data.slice(0, 1)];
    for (const each of [...spoilt, new Uint8Array()]) {
      expect(() => load(each)).toThrow(`the stored ${name} is damaged: `);
    }
  });

  test("that is damaged gives a state or a clear error", () => {
    fc.assert(
      fc.property(fc.nat(data.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const rest = cut ? new Uint8Array() : data.slice(at + 1);
        try {
          load(cx1.concat(data.slice(0, at), cx1.u8(byte), rest));
        } catch (error) {
          if (!(error instanceof cx1.StoredError)) throw error;
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("keys of an epoch that the room lacks, and rules that are none, are refused", () => {
  expect(() => cx1.loadKeys(cx1.dumpKeys(RING), [FIRST.epoch])).toThrow("the log has no epoch 2");
  const policy = cx1.toHex(cx1.encodeOp(EPHEMERAL));
  const spoilt = cx1
    .toHex(cx1.dumpRoom(STAGE.room))
    .replace(policy, cx1.toHex(cx1.encodeOp({ op: "leave" })));
  expect(() => cx1.loadRoom(cx1.fromHex(spoilt))).toThrow("leave is no policy");
});

/** A room in which a device is replaced with every epoch. */
function crowded(devices: number, epochs: number): cx1.Room {
  const { room } = STAGE;
  const all = Array.from({ length: devices + epochs }, (_, number): cx1.Speaker => {
    const fp = cx1.digest("tests", cx1.u32(number));
    return { fp, deviceId: fp.slice(0, 16), edPk: cx1.digest("tests", fp) };
  });
  const made = Array.from({ length: epochs }, (_, at): cx1.Epoch => {
    const recipients = cx1.inOrder(all.slice(at, at + devices).map(({ fp, deviceId }) => ({ fp, deviceId })));
    return { ...FIRST.epoch, number: at + 1, prevWrap: new Uint8Array(72), recipients };
  });
  const people = all.slice(epochs);
  const member = { role: cx1.Role.member, pin: ANN.pin, since: 1 };
  return {
    ...room,
    members: new Map(people.map(({ fp }) => [cx1.toHex(fp), { ...member, fp }])),
    active: new Map(people.map((each) => [cx1.toHex(each.deviceId), each])),
    epochs: made,
    epoch: epochs,
  };
}

test("a large room is dumped in little time and space", () => {
  const room = crowded(1000, 100);
  const began = process.cpuUsage();
  const data = cx1.dumpRoom(room);
  const { user } = process.cpuUsage(began);
  const loaded = cx1.loadRoom(data);
  expect(loaded.epochs[50]).toEqual(room.epochs[50]);
  expect(cx1.equal(cx1.dumpRoom(loaded), data)).toBe(true);
  expect(data.length).toBeLessThan(300_000);
  expect(user / 1000).toBeLessThan(500);
});

test("a ring that keeps has a dump of its secrets alone", () => {
  const ring = crowded(10, 100).epochs.reduce(
    (held, epoch) =>
      held.set(epoch.number, { epoch, secret: cx1.ZERO, strands: new Map(), ephemeral: new Map() }),
    new Map<number, cx1.EpochKeys>(),
  );
  expect(cx1.dumpKeys(ring).length).toBe(6 + 37 * 100);
});
