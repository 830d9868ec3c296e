// The TypeScript core at one task, with a room that is given, and libsodium alone at the same: in Node, where the
// room is a file and one JSON line is printed, or in a browser's worker, which is sent the room and then "go".
import sodium from "libsodium-wrappers-sumo";

import * as cx1 from "../../client-sdk/js/src/crypto/index.ts";

const PAGE = 1_000; // Envelopes that the server gives at once.
const MOMENT = 1_767_225_600_000n;

class Memory {
  hashes = new Map();
  #clientIds = new Set();

  transcript(seq) {
    return this.hashes.get(seq);
  }

  hasClientId(clientId) {
    return this.#clientIds.has(cx1.toHex(clientId));
  }

  keep(timeline, raw) {
    this.hashes.set(timeline.seq, timeline.hash);
    if (raw !== undefined) this.#clientIds.add(cx1.toHex(cx1.parseEnvelope(raw).header.clientId));
  }
}

/** A device that has applied the room's commits, and what is to be done with it. */
class Core {
  constructor(told) {
    const chains = told.chains.map((links) => cx1.verifyChain(links.map(cx1.fromText)));
    this.directory = new Map(chains.map((chain) => [cx1.toHex(chain[0].fp), chain]));
    this.memory = new Memory();
    const [genesis, ...others] = told.commits.map(cx1.fromText);
    this.timeline = cx1.beginTimeline(genesis, this.directory);
    this.memory.keep(this.timeline);
    for (const raw of others) {
      const seq = this.timeline.seq + 1n;
      this.timeline = cx1.applyCommit(this.timeline, seq, raw, this.directory, this.memory);
      this.memory.keep(this.timeline);
    }
    this.secret = cx1.fromText(told.secret);
    const epoch = this.timeline.room.epochs.at(-1);
    this.ring = cx1.holdSecret(cx1.EMPTY_RING, epoch, this.secret, { ephemeral: false });
    const { fp, device, seed } = told.author;
    this.signing = cx1.signingPair(cx1.fromText(seed));
    this.author = { fp: cx1.fromText(fp), deviceId: cx1.fromText(device), secret: this.signing.secret };
    this.content = { type: cx1.ContentType.json, data: cx1.fromText(told.content) };
    this.envelopes = told.envelopes.map(cx1.fromText);
    this.rotation = cx1.fromText(told.rotation);
  }

  /** Says something as often as something was said. */
  seal() {
    let cursor = { epoch: 0, ctr: 0n, prev: cx1.ZERO };
    let ring = this.ring;
    for (const _ of this.envelopes) {
      const message = { content: this.content, clientId: random(16), sentMs: MOMENT };
      const place = { nonce: random(24), cursor };
      ({ cursor } = cx1.sealMessage(this.timeline, ring, this.author, message, place));
      ({ ring } = cx1.takeKey(ring, cursor.epoch, this.author.deviceId, cursor.ctr - 1n));
    }
    return this.envelopes.length;
  }

  /** Takes what was said as it comes, one by one. */
  open() {
    for (const raw of this.envelopes) {
      const seq = this.timeline.seq + 1n;
      ({ timeline: this.timeline, ring: this.ring } = cx1.receive(this.timeline, this.ring, seq, raw, this.memory));
      this.memory.keep(this.timeline, raw);
    }
    return this.envelopes.length;
  }

  /** Takes all that was said, in pages. */
  catch_up() {
    for (let at = 0; at < this.envelopes.length; at += PAGE) {
      const page = this.envelopes.slice(at, at + PAGE);
      const batch = cx1.receiveAll(this.timeline, this.ring, page, this.memory);
      if (batch.refusal !== null) throw batch.refusal;
      let seq = this.timeline.seq;
      for (const hash of batch.hashes) this.memory.hashes.set(++seq, hash);
      ({ timeline: this.timeline, ring: this.ring } = batch);
    }
    return this.envelopes.length;
  }

  /** Writes a commit that makes a new epoch, with a box for each device. */
  rotate() {
    const { room } = this.timeline;
    const fresh = { secret: random(32), wrapNonce: random(24), boxSeed: random(32) };
    const occasion = { seen: cx1.seenAt(this.timeline), ms: MOMENT, fresh, previous: this.secret };
    cx1.writeNext(room, this.author, [{ op: "rotate" }], this.directory, occasion);
    return 1;
  }

  /** Applies such a commit of somebody else's. */
  take_rotation() {
    cx1.applyCommit(this.timeline, this.timeline.seq + 1n, this.rotation, this.directory, this.memory);
    return 1;
  }

  /** Encrypts and signs as many bytes by libsodium alone. */
  encrypt() {
    const key = random(32);
    for (const _ of this.envelopes) {
      const nonce = random(24);
      const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(this.content.data, nonce, null, nonce, key);
      sodium.crypto_sign_detached(ciphertext, this.signing.secret);
    }
    return this.envelopes.length;
  }

  /** Verifies and decrypts as many bytes by libsodium alone. */
  decrypt() {
    const [key, nonce] = [random(32), random(24)];
    const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(this.content.data, nonce, null, nonce, key);
    const signature = sodium.crypto_sign_detached(ciphertext, this.signing.secret);
    for (const _ of this.envelopes) {
      if (!sodium.crypto_sign_verify_detached(signature, ciphertext, this.signing.publicKey)) throw new Error("bad");
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, nonce, nonce, key);
    }
    return this.envelopes.length;
  }
}

function random(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}

function timed(core, task) {
  const begun = performance.now();
  const count = core[task]();
  return { count, seconds: (performance.now() - begun) / 1e3 };
}

await sodium.ready;
if (globalThis.process?.versions?.node !== undefined) {
  const { readFileSync } = await import("node:fs");
  const core = new Core(JSON.parse(readFileSync(process.argv[2], "utf8")));
  const before = process.cpuUsage();
  const sample = timed(core, process.argv[3]);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ ...sample, cpu_seconds: (user + system) / 1e6 }));
} else {
  const given = (handle) => (globalThis.onmessage = ({ data }) => handle(data));
  given(({ told, task }) => {
    const core = new Core(JSON.parse(told));
    given(() => postMessage(timed(core, task)));
    postMessage("ready");
  });
  postMessage("loaded");
}
