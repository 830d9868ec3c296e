/** The counterparts of the calls that the vectors name: the words of an input become a call of cx1. */

import * as cx1 from "../../src/crypto/index.js";
import { big, bytes, byteStrings, list, number, record, text } from "./plain.js";
import { Follower, holding, item, replay, stepping } from "./rooms.js";

export type Given = Readonly<Record<string, unknown>>;
type Call = (given: Given, directory: cx1.Directory) => unknown;

const primitives: Record<string, Call> = {
  digest: ({ label, parts }) => cx1.digest(text(label), ...byteStrings(parts)),
  derive: ({ key, label, parts }) => cx1.derive(bytes(key), text(label), ...byteStrings(parts)),
  sign({ seed, label, parts }) {
    const { publicKey, secret } = cx1.signingPair(bytes(seed));
    return { public: publicKey, signature: cx1.sign(secret, text(label), ...byteStrings(parts)) };
  },
  verify: (given) =>
    cx1.verify(
      bytes(given["public"]),
      bytes(given["signature"]),
      text(given["label"]),
      ...byteStrings(given["parts"]),
    ),
  agree: (given) => cx1.agree(bytes(given["secret"]), bytes(given["public"])),
  encrypt: ({ key, nonce, plaintext, ad }) =>
    cx1.encrypt(bytes(key), bytes(nonce), bytes(plaintext), bytes(ad)),
  seal: (given) => cx1.seal(bytes(given["public"]), bytes(given["seed"]), bytes(given["plaintext"])),
  pad: ({ data }) => cx1.pad(bytes(data)),
  unpad: ({ padded }) => cx1.unpad(bytes(padded)),
  from_text: (given) => cx1.fromText(text(given["text"])),
};

const identities: Record<string, Call> = {
  device_id: ({ fp, ed_pk }) => cx1.deviceId(bytes(fp), bytes(ed_pk)),
  possession: ({ seed, fp, seq, prev, ed_pk, x_pk }) =>
    cx1.provePossession(
      secretOf(seed),
      { fp: bytes(fp), seq: number(seq), prev: bytes(prev) },
      { edPk: bytes(ed_pk), xPk: bytes(x_pk) },
    ),
  write_link({ seed, kind, payload, place, ms, signer }) {
    const { fp, seq, prev } = record(place);
    return cx1.writeLink(secretOf(seed), cx1.readPayload(number(kind), bytes(payload)), {
      fp: bytes(fp),
      seq: number(seq),
      prev: bytes(prev),
      ms: big(ms),
      signer: bytes(signer),
    });
  },
  chain({ links, fp, pin }) {
    const history = cx1.verifyChain(byteStrings(links), {
      ...(typeof fp === "string" && { fp: bytes(fp) }),
      ...(pin !== undefined && pin !== null && { pin: pinOf(pin) }),
    });
    return cx1.newestState(history);
  },
  agent_of: ({ agent, owner }) =>
    cx1.isAgentOf(
      cx1.newestState(cx1.verifyChain(byteStrings(agent))),
      cx1.newestState(cx1.verifyChain(byteStrings(owner))),
    ),
};

const rooms: Record<string, Call> = {
  write_commit({ seed, ops, section, place, author }) {
    const { room, cseq, prev, epoch, seen } = record(place);
    const head = {
      roomRef: bytes(room),
      cseq: number(cseq),
      prev: bytes(prev),
      epoch: number(epoch),
      seen: seenOf(seen),
      ms: big(record(place)["ms"]),
      authorFp: bytes(record(author)["fp"]),
      authorDev: bytes(record(author)["device_id"]),
    };
    const read = byteStrings(ops).map((each) => cx1.readOp(new cx1.Reader(each)));
    const made = text(section) === "" ? null : cx1.readSection(new cx1.Reader(bytes(section)));
    return cx1.writeCommit(secretOf(seed), head, read, made);
  },
  room({ log }, directory) {
    const state = replay(directory, byteStrings(log));
    const members = new Map<string, unknown>();
    for (const [fp, { role, pin, since }] of state.members) members.set(fp, { role, pin, since });
    const active = new Map<string, unknown>();
    for (const [id, { fp, edPk }] of state.active) active.set(id, { fp, edPk });
    const { ref, cseq, head, epoch, leavePending, epochs } = state;
    return {
      ...{ ref, cseq, head, epoch, policy: cx1.encodeOp(state.policy).slice(3) },
      ...{ members, active },
      ...{ leavePending, ungranted: cx1.ungranted(state), epochs },
    };
  },
  boxes({ log, boxes }, directory) {
    const epoch = replay(directory, byteStrings(log)).epochs.at(-1);
    if (epoch === undefined) throw new Error("the case has no epoch");
    cx1.checkBoxes(epoch, byteStrings(boxes));
  },
  grant({ log, number: epoch, to, box }, directory) {
    cx1.checkBoxSizes([bytes(box)]);
    cx1.checkGrant(replay(directory, byteStrings(log)), number(epoch), recipientOf(to));
  },
  due({ log, envelopes, age_secs }, directory) {
    const epoch = { envelopes: number(envelopes), ageSecs: number(age_secs) };
    return cx1.dueOps(replay(directory, byteStrings(log)), directory, epoch).map(cx1.encodeOp);
  },
};

const epochs: Record<string, Call> = {
  key_commit: ({ secret, room_ref, number: epoch }) =>
    cx1.keyCommit(bytes(secret), { roomRef: bytes(room_ref), number: number(epoch) }),
  recips_hash: ({ recipients }) => cx1.recipsHash(list(recipients).map(recipientOf)),
  boxes_hash: ({ boxes }) => cx1.boxesHash(byteStrings(boxes)),
  seal_box({ secret, epoch, device_id, x_pk, version, seed }) {
    const device = { id: bytes(device_id), xPk: bytes(x_pk), version: number(version) };
    return cx1.sealBox(bytes(secret), epochOf(epoch), device, bytes(seed));
  },
  open_box: ({ epoch, box, device_id, x_secret }) =>
    cx1.openBox(epochOf(epoch), bytes(box), { id: bytes(device_id), xSecret: bytes(x_secret) }),
  box_version: ({ box }) => cx1.boxVersion(bytes(box)),
  wrap: ({ secret, previous, epoch, nonce }) =>
    cx1.wrap(bytes(secret), bytes(previous), epochOf(epoch), bytes(nonce)),
  walk: ({ records, secret, number: from, known }) =>
    cx1.walkBack(list(records).map(epochOf), bytes(secret), number(from), new Set(list(known).map(number))),
  accept: ({ epoch, secret }) => cx1.acceptSecret(epochOf(epoch), bytes(secret)),
};

const envelopes: Record<string, Call> = {
  strand({ epoch, secret, device_id, ctr }) {
    const first = cx1.firstStrand(epochOf(epoch), bytes(secret), bytes(device_id));
    const strand = cx1.turnTo(first, big(ctr));
    return { chain: strand.key, message: cx1.messageKey(strand) };
  },
  ephemeral_key: ({ epoch, secret, device_id }) =>
    cx1.deriveEphemeral(epochOf(epoch), bytes(secret), bytes(device_id)),
  write_envelope({ seed, key, header, kind, data, nonce }) {
    const padded = cx1.padded({ type: kind as cx1.ContentType, data: bytes(data) });
    const keys = { signing: secretOf(seed), message: bytes(key) };
    const raw = cx1.writeEnvelope(keys, cx1.parseHeader(bytes(header)), padded, bytes(nonce));
    const parsed = cx1.parseEnvelope(raw);
    return { raw, ctHash: parsed.ctHash, eventHash: cx1.eventHash(parsed), stub: cx1.stubOf(parsed) };
  },
  parse_envelope: ({ raw }) => cx1.parseEnvelope(bytes(raw)).header,
  parse_stub: ({ raw }) => cx1.parseStub(bytes(raw)).header,
  read_content: ({ kind, plaintext }) => cx1.readContent(kind as cx1.EnvelopeKind, bytes(plaintext)),
  open_content: ({ raw, key }) => cx1.openContent(cx1.parseEnvelope(bytes(raw)), bytes(key)),
  read_snapshot({ data }) {
    const snapshot = cx1.readSnapshot(bytes(data));
    if (!cx1.equal(cx1.encodeSnapshot(snapshot), bytes(data))) throw new Error("it is written otherwise");
    return snapshot;
  },
  version_after: ({ raw, current }) =>
    cx1.versionAfter(cx1.parseEnvelope(bytes(raw)).header, number(current)),
};

const timelines: Record<string, Call> = {
  timeline({ items, secrets, retention }, directory) {
    const [first, ...others] = list(items).map(item);
    if (first === undefined) throw new Error("the case has no items");
    const state = stepping(0, () => cx1.beginTimeline(first.raw, directory));
    const ephemeral = retention === cx1.Retention.ephemeral;
    const follower = new Follower(state, directory, record(secrets), ephemeral);
    follower.follow(others, 1);
    return follower.outcome();
  },
  anchored({ log, anchor, ed_pk, items, secrets }, directory) {
    const [first, ...others] = list(log).map(record);
    let room = cx1.foundRoom(bytes(first?.["raw"]), directory);
    for (const { raw, seq } of others) {
      room = cx1.applyToRoom(room, cx1.parseCommit(bytes(raw)), directory, big(seq));
    }
    const state = cx1.anchorTimeline(room, cx1.parseEnvelope(bytes(anchor)), bytes(ed_pk));
    const follower = new Follower(state, directory, record(secrets), false);
    follower.follow(list(items).map(item), 0);
    return follower.outcome();
  },
  page({ start, items, end }) {
    cx1.checkPage(seenOf(start), byteStrings(items), seenOf(end));
  },
  ephemeral({ log, secrets, items }, directory) {
    const room = replay(directory, byteStrings(log));
    const ring = holding(cx1.EMPTY_RING, room, record(secrets), false);
    let last: cx1.LastSent = new Map();
    return list(items).map((each, index) => {
      const { raw, now_ms } = record(each);
      const received = stepping(index, () => cx1.receiveEphemeral(room, ring, bytes(raw), last, big(now_ms)));
      last = received.last;
      return received.content.data;
    });
  },
};

const files: Record<string, Call> = {
  seal_file({ key, size }) {
    const { sealed, sums } = cx1.sealFile(fileKeyOf(key), pattern(number(size)));
    const ends = { first: sealed.slice(0, 32), last: sealed.slice(-32) };
    return { ...sums, ...ends, encryptedSize: cx1.encryptedSize(number(size)) };
  },
  open_file({ key, sums, size, edits, sealed_with }) {
    let { sealed } = cx1.sealFile(fileKeyOf(sealed_with), pattern(number(size)));
    for (const edit of list(edits)) sealed = edited(sealed, list(edit));
    const opened = cx1.openFile(fileKeyOf(key), sealed, sumsOf(sums));
    return cx1.equal(opened, pattern(number(size)));
  },
  open_chunks({ key, sums, chunks }) {
    const sealer = new cx1.Chunks(fileKeyOf(key));
    const opener = new cx1.Opener(fileKeyOf(key), sumsOf(sums));
    const sizes = list(chunks).map((chunk) => {
      const [size, final] = list(chunk);
      return opener.pull(sealer.push(pattern(number(size)), final === true)).length;
    });
    opener.finish();
    return sizes.reduce((sum, each) => sum + each, 0);
  },
};

const recovery: Record<string, Call> = {
  make_code({ entropy }) {
    const code = cx1.makeCode(bytes(entropy));
    return { code, shown: cx1.showCode(code) };
  },
  normalise_code: ({ typed }) => cx1.normaliseCode(text(typed)),
  stretch({ code, salt }) {
    const root = cx1.stretch(text(code), bytes(salt));
    return { root, recovery_pk: cx1.signingPair(cx1.recoverySeed(root)).publicKey };
  },
  seal_master: ({ root, backup, nonce }) => cx1.sealMaster(bytes(root), backupOf(backup), bytes(nonce)),
  open_master({ root, sealed, fp, version, least }) {
    const which = { fp: bytes(fp), version: number(version), least: number(least) };
    return cx1.openMaster(bytes(root), bytes(sealed), which);
  },
  seal_entry: ({ backup, epoch, secret, nonce }) =>
    cx1.sealEntry(backupOf(backup), epochOf(epoch), bytes(secret), bytes(nonce)),
  open_entry: ({ backup, epoch, sealed }) => cx1.openEntry(backupOf(backup), epochOf(epoch), bytes(sealed)),
  seal_trust({ backup, trust, nonce }) {
    const { fp, pin, verified } = record(trust);
    const known = { fp: bytes(fp), pin: pinOf(pin), verified: verified === true };
    return cx1.sealTrust(backupOf(backup), known, bytes(nonce));
  },
  open_trust: ({ backup, fp, sealed }) => cx1.openTrust(backupOf(backup), bytes(fp), bytes(sealed)),
};

const linking: Record<string, Call> = {
  offer({ link_id, secret, ed_pk, x_pk }) {
    const keysHash = cx1.keysHash({ edPk: bytes(ed_pk), xPk: bytes(x_pk) });
    const offer = { linkId: bytes(link_id), secret: bytes(secret), keysHash };
    return { text: cx1.showOffer(offer), key: cx1.packageKey(offer.secret, offer.linkId) };
  },
  scan: (given) => cx1.scanOffer(text(given["text"])),
  check_offer({ text: shown, ed_pk, x_pk, shown_ms, now_ms }) {
    const times = { shownMs: big(shown_ms), nowMs: big(now_ms) };
    cx1.checkOffer(cx1.scanOffer(text(shown)), { edPk: bytes(ed_pk), xPk: bytes(x_pk) }, times);
  },
  seal_package({ key, link_id, package: content, nonce }) {
    const { fp, head, master, secrets } = record(content);
    const made = list(secrets).map((each) => {
      const { room_ref, epoch, secret } = record(each);
      return { roomRef: bytes(room_ref), epoch: number(epoch), secret: bytes(secret) };
    });
    const whole = { fp: bytes(fp), head: bytes(head), master: bytes(master), secrets: made };
    return cx1.sealPackage(bytes(key), bytes(link_id), whole, bytes(nonce));
  },
  open_package: ({ key, link_id, sealed }) => cx1.openPackage(bytes(key), bytes(link_id), bytes(sealed)),
  check_linked({ fp, head, links, ed_pk }) {
    const content = { fp: bytes(fp), head: bytes(head), master: cx1.ZERO, secrets: [] };
    cx1.checkLinked(content, cx1.verifyChain(byteStrings(links)), bytes(ed_pk));
  },
  commitment: ({ a }) => cx1.commitment(partyOf(a)),
  check_commitment({ committed, a }) {
    cx1.checkCommitment(bytes(committed), partyOf(a));
  },
  digits({ own_secret, own, link_id, purpose, a, b }) {
    const sides = { a: partyOf(a), b: partyOf(b) };
    const [mine, other] = own === "a" ? [sides.a, sides.b] : [sides.b, sides.a];
    const shared = cx1.sharedSecret(bytes(own_secret), other.ePk, mine.ePk);
    return cx1.digits(shared, bytes(link_id), purpose as cx1.Purpose, sides.a, sides.b);
  },
  safety_number: ({ one_fp, other_fp }) => cx1.safetyNumber(bytes(one_fp), bytes(other_fp)),
  invite({ room_ref, inviter_fp, secret, joiner_fp }) {
    const invite = { roomRef: bytes(room_ref), inviterFp: bytes(inviter_fp), secret: bytes(secret) };
    return { fragment: cx1.inviteFragment(invite), proof: cx1.joinProof(invite, bytes(joiner_fp)) };
  },
  check_proof({ fragment, joiner_fp, given }) {
    cx1.checkProof(cx1.parseFragment(text(fragment)), bytes(joiner_fp), bytes(given));
  },
};

/** Every call by its name. */
export const CALLS: ReadonlyMap<string, Call> = new Map(
  [primitives, identities, rooms, epochs, envelopes, timelines, files, recovery, linking].flatMap(
    Object.entries,
  ),
);

function secretOf(seed: unknown): Uint8Array {
  return cx1.signingPair(bytes(seed)).secret;
}

function pinOf(pin: unknown): cx1.Pin {
  const { seq, head } = record(pin);
  return { seq: number(seq), head: bytes(head) };
}

function seenOf(seen: unknown): cx1.Seen {
  const { seq, hash } = record(seen);
  return { seq: big(seq), hash: bytes(hash) };
}

function recipientOf(recipient: unknown): cx1.Recipient {
  const { fp, device_id } = record(recipient);
  return { fp: bytes(fp), deviceId: bytes(device_id) };
}

function epochOf(epoch: unknown): cx1.Epoch {
  const given = record(epoch);
  return {
    number: number(given["number"]),
    roomRef: bytes(given["room_ref"]),
    keyCommit: bytes(given["key_commit"]),
    prevWrap: bytes(given["prev_wrap"]),
    recipients: list(given["recipients"]).map(recipientOf),
    boxesHash: bytes(given["boxes_hash"]),
  };
}

function backupOf(backup: unknown): cx1.Backup {
  const { fp, version, master } = record(backup);
  return { fp: bytes(fp), version: number(version), master: bytes(master) };
}

function partyOf(party: unknown): cx1.Party {
  const { id, e_pk, nonce } = record(party);
  return { id: bytes(id), ePk: bytes(e_pk), nonce: bytes(nonce) };
}

function fileKeyOf(key: unknown): cx1.FileKey {
  const given = record(key);
  return {
    key: bytes(given["key"]),
    header: bytes(given["header"]),
    roomRef: bytes(given["room_ref"]),
    fileId: bytes(given["file_id"]),
  };
}

function sumsOf(sums: unknown): cx1.Sums {
  const { size, ct_hash, pt_hash } = record(sums);
  return { size: number(size), ctHash: bytes(ct_hash), ptHash: bytes(pt_hash) };
}

/** The bytes of a file of the vectors. */
function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (7 * (index % 256) + 3) % 256);
}

function edited(sealed: Uint8Array, [what, ...given]: readonly unknown[]): Uint8Array {
  switch (what) {
    case "keep":
      return sealed.slice(0, number(given[0]));
    case "append":
      return cx1.concat(sealed, bytes(given[0]));
    case "flip":
      return sealed.map((byte, index) => (index === given[0] ? byte ^ 1 : byte));
    case "swap": {
      const pieces = [...cx1.cut(sealed, cx1.CHUNK + cx1.OVERHEAD)];
      const [one, other] = given.map(number);
      const swapped = pieces.map((piece, index) =>
        index === one ? pieces[other ?? 0] : index === other ? pieces[one ?? 0] : piece,
      );
      return cx1.concat(...swapped.filter((piece) => piece !== undefined));
    }
    default:
      throw new Error(`there is no edit ${String(what)}`);
  }
}
