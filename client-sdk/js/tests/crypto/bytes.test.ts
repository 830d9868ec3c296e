/** Bytes of all kinds: what is written is read again, no bit can be changed, and nothing crashes a reader. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { Chance, Person, refusal, Stage } from "./cast.js";

const ANN = new Person("ann");
const BOB = new Person("bob");
ANN.addDevice();
const STAGE = new Stage(ANN, [BOB]);
STAGE.say(ANN, "hello");
const NEXT = STAGE.write(ANN, [{ op: "rotate" }]).raw;
const SAID = STAGE.seal(BOB, STAGE.message("well"));
const EPOCH = cx1.findEpoch(STAGE.room.epochs, 1);
const SECRET = STAGE.secrets.get(1) ?? cx1.ZERO;
const DEVICE = { id: ANN.devices[0].id, xSecret: ANN.devices[0].xSecret };
const BACKUP = { fp: ANN.fp, version: 1, master: new Uint8Array(32).fill(5) };
const LINK_ID = new Uint8Array(16).fill(6);
const NONCE = new Uint8Array(24).fill(7);
const FILE = {
  key: new Uint8Array(32).fill(8),
  header: NONCE,
  roomRef: STAGE.room.ref,
  fileId: LINK_ID,
};
const SMALL = cx1.sealFile(FILE, cx1.utf8("a small file"));

/** What takes bytes from elsewhere. */
const READERS: Readonly<Record<string, (raw: Uint8Array) => unknown>> = {
  link: cx1.parseLink,
  chain: (raw) => cx1.verifyChain([...ANN.links, raw]),
  commit: cx1.parseCommit,
  "next commit": (raw) => cx1.applyCommit(STAGE.timeline, STAGE.nextSeq, raw, STAGE.directory, STAGE.memory),
  "first commit": (raw) => cx1.foundRoom(raw, STAGE.directory),
  envelope: (raw) => cx1.receive(STAGE.timeline, STAGE.ring, STAGE.nextSeq, raw, STAGE.memory),
  stub: (raw) => cx1.receiveStub(STAGE.timeline, STAGE.nextSeq, raw, STAGE.memory),
  ephemeral: (raw) => cx1.receiveEphemeral(STAGE.room, STAGE.ring, raw, new Map(), 0n),
  event: (raw) => cx1.readContent(cx1.EnvelopeKind.event, raw),
  "padded event": (raw) => cx1.readContent(cx1.EnvelopeKind.event, cx1.pad(cx1.concat(cx1.u8(1), raw))),
  snapshot: (raw) => cx1.readContent(cx1.EnvelopeKind.snapshot, cx1.pad(cx1.concat(cx1.u8(2), raw))),
  json: cx1.jsonObject,
  box: (raw) => cx1.openBox(EPOCH, raw, DEVICE),
  "box's version": cx1.boxVersion,
  secret: (raw) => cx1.acceptSecret(EPOCH, raw),
  master: (raw) => cx1.openMaster(cx1.ZERO, raw, { fp: ANN.fp, version: 1 }),
  entry: (raw) => cx1.openEntry(BACKUP, EPOCH, raw),
  trust: (raw) => cx1.openTrust(BACKUP, BOB.fp, raw),
  package: (raw) => cx1.openPackage(cx1.ZERO, LINK_ID, raw),
  chunk: (raw) => new cx1.Opener(FILE, SMALL.sums).pull(raw),
  file: (raw) => cx1.openFile(FILE, raw, SMALL.sums),
  key: (raw) => cx1.agree(SECRET, raw),
};

const TEXT_READERS: Readonly<Record<string, (text: string) => unknown>> = {
  base64url: cx1.fromText,
  "QR code": cx1.scanOffer,
  invitation: cx1.parseFragment,
  "recovery code": cx1.normaliseCode,
};

const arbitrary = fc.uint8Array({ maxLength: 600 });
const seed = fc.constantFrom(
  ...ANN.links,
  ...STAGE.items.map((item) => item.raw),
  NEXT,
  SAID,
  SMALL.sealed,
  cx1.utf8('{"a":[1,null]}'),
);
const edits = fc.array(fc.tuple(fc.nat(4000), fc.uint8Array({ maxLength: 4 }), fc.nat(3)), { maxLength: 4 });
/** Bytes that begin like real ones. */
const resembling = fc.tuple(seed, edits).map(([raw, changes]) =>
  changes.reduce((before, [at, inserted, dropped]) => {
    const place = at % (before.length + 1);
    return cx1.concat(before.subarray(0, place), inserted, before.subarray(place + dropped));
  }, raw),
);

/** Whether something was refused by name; anything else that is thrown goes on. */
function refused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return true;
    throw error;
  }
}

function flipped(raw: Uint8Array, bit: number): Uint8Array {
  const at = bit % (8 * raw.length);
  return raw.map((byte, index) => (index === at >> 3 ? byte ^ (1 << (at & 7)) : byte));
}

describe("any bytes give a value or a named fault", () => {
  test.each(Object.entries(READERS))("%s", (_, read) => {
    const given = fc.oneof(arbitrary, resembling);
    fc.assert(
      fc.property(given, (raw) => {
        refused(() => read(raw));
      }),
      { numRuns: 60 },
    );
  });

  test.each(Object.entries(TEXT_READERS))("%s", (_, read) => {
    const near = fc.string({ unit: fc.constantFrom(...Array.from("-_ABCab01234.")), maxLength: 200 });
    const units = fc.array(fc.nat(0xffff), { maxLength: 120 });
    const given = fc.oneof(
      units.map((codes) => String.fromCharCode(...codes)),
      near,
    );
    fc.assert(
      fc.property(given, (text) => {
        refused(() => read(text));
      }),
      { numRuns: 100 },
    );
  });
});

describe("no bit can be changed", () => {
  const bit = fc.nat(1_000_000);

  test("of a link", () => {
    fc.assert(
      fc.property(fc.nat(ANN.links.length - 1), bit, (changed, at) => {
        const links = ANN.links.map((raw, index) => (index === changed ? flipped(raw, at) : raw));
        refusal(() => cx1.verifyChain(links, { fp: ANN.fp }));
      }),
      { numRuns: 150 },
    );
  });

  test("of a commit", () => {
    const { timeline, nextSeq, directory, memory } = STAGE;
    fc.assert(
      fc.property(bit, (at) => {
        const raw = flipped(NEXT, at);
        const error = refusal(() => cx1.applyCommit(timeline, nextSeq, raw, directory, memory));
        expect(error.code).not.toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test("of an envelope", () => {
    const { timeline, ring, nextSeq, memory } = STAGE;
    fc.assert(
      fc.property(bit, (at) => {
        const error = refusal(() => cx1.receive(timeline, ring, nextSeq, flipped(SAID, at), memory));
        expect(error.blame).toBe("S");
      }),
      { numRuns: 200 },
    );
  });

  test("of a box, a backup's entry, a package and a file", () => {
    const owner = { id: DEVICE.id, xPk: cx1.boxPublic(DEVICE.xSecret), version: 0 };
    const box = cx1.sealBox(SECRET, EPOCH, owner, new Uint8Array(32).fill(9));
    const entry = cx1.sealEntry(BACKUP, EPOCH, SECRET, NONCE);
    const content = { fp: ANN.fp, head: ANN.pin.head, master: cx1.ZERO, secrets: [] };
    const sent = cx1.sealPackage(SECRET, LINK_ID, content, NONCE);
    fc.assert(
      fc.property(bit, (at) => {
        // The version in front of a box only says which key to try.
        const spoilt = cx1.concat(box.subarray(0, 4), flipped(box.subarray(4), at));
        expect(refusal(() => cx1.openBox(EPOCH, spoilt, DEVICE)).blame).toBe("C");
        const damaged = refusal(() => cx1.openEntry(BACKUP, EPOCH, flipped(entry, at)));
        expect(damaged.fault).toBe("backup_entry");
        const linked = refusal(() => cx1.openPackage(SECRET, LINK_ID, flipped(sent, at)));
        expect(linked.fault).toBe("link_package");
        const file = refusal(() => cx1.openFile(FILE, flipped(SMALL.sealed, at), SMALL.sums));
        expect(file.fault).toBe("file_chunk");
      }),
      { numRuns: 60 },
    );
    expect(cx1.openBox(EPOCH, box, DEVICE)).toEqual(SECRET);
    expect(cx1.openEntry(BACKUP, EPOCH, entry)).toEqual(SECRET);
    expect(cx1.openPackage(SECRET, LINK_ID, sent)).toEqual(content);
  });

  test("the bytes that are spoilt are good ones", () => {
    const { timeline, nextSeq, directory, memory, ring } = STAGE;
    const after = cx1.applyCommit(timeline, nextSeq, NEXT, directory, memory);
    expect(after.room.epoch).toBe(2);
    expect(cx1.receive(timeline, ring, nextSeq, SAID, memory).outcome.what).toBe("opened");
  });
});

describe("what is written is read again", () => {
  test("base64url, hex and padding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        expect(cx1.fromText(cx1.toText(data))).toEqual(data);
        expect(cx1.toText(data)).toBe(Buffer.from(data).toString("base64url"));
        expect(cx1.toHex(data)).toBe(Buffer.from(data).toString("hex"));
        expect(cx1.unpad(cx1.pad(data))).toEqual(data);
      }),
    );
  });

  test("an envelope of any content", () => {
    const { timeline, ring, nextSeq, memory } = STAGE;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (data, crdt) => {
        const text = JSON.stringify({ a: cx1.toHex(data) });
        const made = crdt
          ? {
              content: { type: cx1.ContentType.crdt, data },
              kind: cx1.EnvelopeKind.update,
              entityId: LINK_ID,
            }
          : { content: { type: cx1.ContentType.json, data: cx1.utf8(text) } };
        const raw = STAGE.seal(BOB, { ...STAGE.message(""), ...made });
        const { outcome } = cx1.receive(timeline, ring, nextSeq, raw, memory);
        expect(outcome).toMatchObject({ what: "opened", content: made.content });
        expect((raw.length - 180 - 24 - 4 - 16 - 64) % 64).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("a file of any size", () => {
    const data = new Chance("bytes").draw(200_000);
    const size = fc.oneof(fc.nat(300), fc.integer({ min: 65_534, max: 65_538 }), fc.nat(200_000));
    fc.assert(
      fc.property(size, (length) => {
        const { sealed, sums } = cx1.sealFile(FILE, data.subarray(0, length));
        expect(sealed.length).toBe(cx1.encryptedSize(length));
        expect(cx1.equal(cx1.openFile(FILE, sealed, sums), data.subarray(0, length))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test("a recovery code, which notices every wrong character and every swap", () => {
    const entropy = fc.uint8Array({ minLength: 19, maxLength: 19 });
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    fc.assert(
      fc.property(entropy, fc.nat(31), fc.integer({ min: 1, max: 31 }), (drawn, at, by) => {
        const code = cx1.makeCode(drawn);
        expect(cx1.normaliseCode(cx1.showCode(code).toLowerCase())).toBe(code);
        const wrong = alphabet.charAt((alphabet.indexOf(code.charAt(at)) + by) % 32);
        const spoilt = code.slice(0, at) + wrong + code.slice(at + 1);
        expect(refusal(() => cx1.normaliseCode(spoilt)).fault).toBe("code_checksum");
        const place = at % 29;
        const pair = code.charAt(place + 1) + code.charAt(place);
        const swapped = code.slice(0, place) + pair + code.slice(place + 2);
        expect(swapped === code || refused(() => cx1.normaliseCode(swapped))).toBe(true);
      }),
    );
  });

  test("an integer that does not fit is the caller's mistake", () => {
    expect(() => cx1.u8(256)).toThrow(RangeError);
    expect(() => cx1.u32(-1)).toThrow(RangeError);
    expect(() => cx1.u64(1n << 64n)).toThrow(RangeError);
    expect(() => cx1.u32(0.5)).toThrow(RangeError);
    expect(cx1.u64((1n << 64n) - 1n)).toEqual(new Uint8Array(8).fill(255));
  });
});
