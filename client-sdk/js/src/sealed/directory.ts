/**
 * The identities of others: their chains, verified, and kept as far as they were ever seen.
 *
 * Invariant: what is kept of one only grows. A chain that the server shows shorter than that, or with another link
 * in it, is an alarm, and nothing of it is taken. Whose an identity is, is the server's word, of which the first
 * counts: another one later is an alarm too. Whom nothing here names any more is forgotten in the end, so that the
 * store does not grow for ever.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError } from "../errors.js";
import type { Identity } from "../generated/protocol.js";
import type { Trust } from "./api.js";
import { faultError, raised } from "./faults.js";
import type { Ground } from "./ground.js";
import { namedIn } from "./ledger.js";
import { bytesOf } from "./names.js";
import { pack, unpack } from "./store.js";

/** Who an identity is, as the server says, and whether a person has compared numbers. */
export interface Known {
  readonly memberId: string;
  readonly name: string;
  readonly verified: boolean;
  /** Which of the identities that this device knows it was, by when they came. */
  readonly order: number;
}

/** Members that the server tells of at once. */
const MAX_ASKED = 200;

/** Identities that are kept beside those that are needed, the last that were met: a room names no more. */
const MAX_OTHERS = 5_000;

export class Directory {
  /** Verified chains by fp. A new map at each change, so that nobody's view of it changes under way. */
  histories: cx1.Directory = new Map();
  readonly #ground: Ground;
  readonly #changed: () => void;
  readonly #remembered: (fp: Uint8Array) => cx1.Trust | undefined;
  readonly #known = new Map<cx1.Hex, Known>();
  /** The identity that the server last called a member's. */
  readonly #current = new Map<string, cx1.Hex>();
  /** Everybody, whom somebody asked for last at the end. */
  readonly #met = new Set<cx1.Hex>();
  readonly #maxOthers: number;
  #trimAt: number;
  /** The identities that rooms and the own one name; null while that is not known. */
  needed: () => ReadonlySet<cx1.Hex> | null = () => null;

  /**
   * `changed` is called when a chain has grown, or what is known of one has changed; `remembered` is what a
   * backup knows of an identity.
   */
  constructor(
    ground: Ground,
    changed: () => void,
    remembered: (fp: Uint8Array) => cx1.Trust | undefined,
    maxOthers = MAX_OTHERS,
  ) {
    this.#ground = ground;
    this.#changed = changed;
    this.#remembered = remembered;
    this.#maxOthers = this.#trimAt = maxOthers;
  }

  /** Takes up what the store has. */
  async load(): Promise<void> {
    const { store } = this.#ground;
    const chains = await store.list("chain/");
    this.histories = new Map(chains.map(([name, value]) => [name.slice(6), cx1.loadHistory(value)]));
    for (const [name, value] of await store.list("known/")) {
      this.#known.set(name.slice(6), unpack<Known>(value));
    }
    for (const [name, value] of await store.list("current/")) {
      this.#current.set(name.slice(8), unpack<string>(value));
    }
    const order = (fp: cx1.Hex): number => this.#known.get(fp)?.order ?? 0;
    for (const fp of [...this.histories.keys()].sort((one, other) => order(one) - order(other))) {
      this.#met.add(fp);
    }
  }

  about(fp: cx1.Hex): Known | undefined {
    return this.#known.get(fp);
  }

  current(memberId: string): cx1.Hex | undefined {
    return this.#current.get(memberId);
  }

  /** A chain that is known; throws YmeraError `not_found` if it is not. */
  history(fp: cx1.Hex): cx1.History {
    const history = this.histories.get(fp);
    if (history === undefined) throw localError("not_found", "This identity is not known.");
    return history;
  }

  /** What is known of an identity itself: that another was known of the same member before makes it `changed`. */
  trustOf(fp: cx1.Hex): Trust {
    const known = this.#known.get(fp);
    if (known === undefined) return "unverified";
    if (known.verified) return "verified";
    const before = [...this.#known].some(
      ([other, { memberId, verified, order }]) =>
        other !== fp && memberId === known.memberId && (verified || order < known.order),
    );
    return before ? "changed" : "unverified";
  }

  /** Notes that a person has compared numbers with this identity. */
  async verify(fp: cx1.Hex): Promise<void> {
    const known = this.#known.get(fp);
    if (known !== undefined) await this.#keepKnown(fp, { ...known, verified: true });
  }

  /** A member's identity with its newest chain. Throws YmeraError `not_found` if they have none. */
  async find(memberId: string): Promise<cx1.Hex> {
    const fp = (await this.refresh([memberId])).get(memberId);
    if (fp !== undefined) return fp;
    const message = `Member ${memberId} has no identity yet; they begin one on a device of theirs.`;
    throw localError("not_found", message);
  }

  /** Asks how far these members' chains reach, and fetches what is new. Their present identities. */
  async refresh(memberIds: Iterable<string>): Promise<ReadonlyMap<string, cx1.Hex>> {
    const members = [...new Set(memberIds)].sort();
    const found = new Map<string, cx1.Hex>();
    for (let at = 0; at < members.length; at += MAX_ASKED) {
      const asked = members.slice(at, at + MAX_ASKED);
      for (const identity of await this.#ground.courier("identity.list", { members: asked })) {
        found.set(identity.id, await this.hear(identity));
      }
    }
    return found;
  }

  /** The server says how far somebody's chain reaches. The fp. */
  async hear(identity: Identity): Promise<cx1.Hex> {
    const fp = cx1.toHex(cx1.fromText(identity.fp));
    this.#meet(fp);
    const held = this.histories.get(fp);
    if (held === undefined || cx1.newestState(held).pin.seq < identity.seq) await this.fetch(fp);
    else await this.#compareNewest(fp, held, identity);
    if (!this.#isOf(fp, identity.id)) {
      const message = `The server says now that an identity is member ${identity.id}'s that was another's before.`;
      throw faultError("conflict", message, { fault: "member_moved" });
    }
    if (this.#current.get(identity.id) !== fp) {
      await this.#ground.store.write(new Map([[`current/${identity.id}`, pack(fp)]]));
      this.#current.set(identity.id, fp);
    }
    return fp;
  }

  /** Whether anything is known of an identity, or of the member whose it is said to be. */
  concerns(identity: Identity): boolean {
    if ([...this.#known.values()].some(({ memberId }) => memberId === identity.id)) return true;
    return this.histories.has(cx1.toHex(bytesOf(identity.fp)));
  }

  /** Fetches the chains that these commits name, as far as they name them. */
  async reach(commits: Iterable<cx1.Commit>): Promise<void> {
    const wanted = new Map<cx1.Hex, number>();
    for (const commit of commits) {
      for (const { fp, seq } of namedIn(commit)) {
        const key = cx1.toHex(fp);
        wanted.set(key, Math.max(seq, wanted.get(key) ?? 0));
      }
    }
    for (const [fp, seq] of wanted) {
      this.#meet(fp);
      const held = this.histories.get(fp);
      if (held === undefined || cx1.newestState(held).pin.seq < seq) await this.fetch(fp);
    }
  }

  /** Fetches what is new of a chain. */
  async fetch(fp: cx1.Hex): Promise<void> {
    this.#meet(fp);
    for (;;) {
      const held = this.histories.get(fp);
      const after_seq = held === undefined ? -1 : cx1.newestState(held).pin.seq;
      const name = cx1.toText(cx1.fromHex(fp));
      const { identity, links } = await this.#ground.courier("identity.chain", { fp: name, after_seq });
      // Whoever asked at the same time may have taken some of them meanwhile.
      const now = this.histories.get(fp);
      const taken = now === undefined ? 0 : cx1.newestState(now).pin.seq - after_seq;
      const history = await this.#take(fp, links.slice(taken).map(cx1.fromText), identity);
      if (cx1.newestState(history).pin.seq < identity.seq && links.length > 0) continue;
      this.#isOf(fp, identity.id);
      this.#compare(fp, history, identity);
      if (this.histories.size > this.#trimAt) await this.#trim();
      return;
    }
  }

  #meet(fp: cx1.Hex): void {
    if (this.#met.delete(fp)) this.#met.add(fp);
  }

  /** Forgets whom nothing names any more, those that were met last excepted. */
  async #trim(): Promise<void> {
    const named = this.needed();
    if (named === null) return;
    const needed = new Set(named);
    for (const [fp, { verified }] of this.#known) if (verified) needed.add(fp);
    for (const fp of [...needed]) {
      const owner = this.histories.get(fp)?.[0].ownerFp;
      if (owner !== undefined) needed.add(cx1.toHex(owner));
    }
    // Without a member's other identities it would not be known that theirs has changed.
    const members = new Set([...needed].map((fp) => this.#known.get(fp)?.memberId));
    for (const [fp, { memberId }] of this.#known) if (members.has(memberId)) needed.add(fp);
    const gone = [...this.#met].filter((fp) => !needed.has(fp)).slice(0, -this.#maxOthers);
    await this.#forget(new Set(gone));
    this.#trimAt = this.histories.size + this.#maxOthers;
  }

  async #forget(gone: ReadonlySet<cx1.Hex>): Promise<void> {
    const changes = new Map<string, null>();
    // From memory first: whoever asks for one meanwhile fetches it again.
    this.histories = new Map([...this.histories].filter(([fp]) => !gone.has(fp)));
    for (const fp of gone) {
      this.#known.delete(fp);
      this.#met.delete(fp);
      changes.set(`chain/${fp}`, null).set(`known/${fp}`, null);
    }
    for (const [memberId, fp] of this.#current) {
      if (!gone.has(fp)) continue;
      this.#current.delete(memberId);
      changes.set(`current/${memberId}`, null);
    }
    await this.#ground.store.write(changes);
  }

  async #take(fp: cx1.Hex, links: readonly Uint8Array[], identity: Identity): Promise<cx1.History> {
    const held = this.histories.get(fp);
    if (held !== undefined && links.length === 0) return held;
    let history: cx1.History;
    try {
      history =
        held === undefined ? cx1.verifyChain(links, { fp: cx1.fromHex(fp) }) : cx1.extendChain(held, links);
    } catch (error) {
      if (error instanceof cx1.Cx1Error) this.#alarm(fp, identity.id, error);
      throw error;
    }
    const known = this.#known.get(fp) ?? (await this.#introduce(identity.id, history));
    await this.#ground.store.write(
      new Map([
        [`chain/${fp}`, cx1.dumpHistory(history)],
        [`known/${fp}`, pack(known)],
      ]),
    );
    this.#known.set(fp, known);
    this.histories = new Map(this.histories).set(fp, history);
    this.#met.delete(fp);
    this.#met.add(fp);
    this.#changed();
    return history;
  }

  async #introduce(memberId: string, history: cx1.History): Promise<Known> {
    const trust = this.#remembered(history[0].fp);
    // A chain that does not hold what the backup had seen of it is not the one that was verified.
    const verified =
      trust?.verified === true && history.some(({ pin }) => cx1.equal(pin.head, trust.pin.head));
    const order = 1 + [...this.#known.values()].reduce((most, known) => Math.max(most, known.order), -1);
    try {
      const { name } = await this.#ground.courier("member.get", { member_id: memberId });
      return { memberId, name, verified, order };
    } catch (error) {
      if (isYmeraError(error, "not_found")) return { memberId, name: "?", verified, order };
      throw error;
    }
  }

  /** An identity came into a room in which its member has another one already. */
  cryTwice(fp: cx1.Hex): void {
    const known = this.#known.get(fp);
    if (known === undefined) return;
    const message =
      `${known.name} has a second identity in a room, which counts as a stranger there. If it is theirs, ` +
      "put the first one out.";
    this.#cry(fp, known.memberId, "member_twice", message);
  }

  /** Whether an identity is still said to be the same member's; an alarm, if it is not. */
  #isOf(fp: cx1.Hex, memberId: string): boolean {
    const known = this.#known.get(fp);
    if (known === undefined || known.memberId === memberId) return true;
    const message = `the server says that the identity of ${known.name} is member ${memberId}'s`;
    this.#cry(fp, known.memberId, "member_moved", message);
    return false;
  }

  /** One that was overtaken by a newer word is no shorter chain: asks before it cries out. */
  async #compareNewest(fp: cx1.Hex, held: cx1.History, said: Identity): Promise<void> {
    if (cx1.newestState(held).pin.seq > said.seq) {
      const answer = await this.#ground.courier("identity.chain", { fp: said.fp, after_seq: said.seq });
      this.#compare(fp, held, answer.identity);
    } else this.#compare(fp, held, said);
  }

  /** Holds what the server says against what is kept. */
  #compare(fp: cx1.Hex, held: cx1.History, said: Identity): void {
    const { pin } = cx1.newestState(held);
    const head = cx1.fromText(said.head);
    const there = held[Math.min(said.seq, pin.seq)];
    let error: cx1.Cx1Error;
    if (said.seq < pin.seq) {
      error = new cx1.Cx1Error("chain_truncated", "the chain ends before what was seen of it");
    } else if (said.seq === pin.seq && there !== undefined && !cx1.equal(there.pin.head, head)) {
      error = new cx1.Cx1Error("chain_forked", "the chain has another link than was seen there");
    } else return;
    this.#alarm(fp, said.id, error);
    throw raised(error);
  }

  #alarm(fp: cx1.Hex, memberId: string, { fault, detail }: cx1.Cx1Error): void {
    this.#cry(fp, memberId, fault, detail);
  }

  #cry(fp: cx1.Hex, memberId: string, fault: string, message: string): void {
    this.#ground.alarm({ memberId, fp: cx1.toText(cx1.fromHex(fp)), fault, message });
  }

  async #keepKnown(fp: cx1.Hex, known: Known): Promise<void> {
    await this.#ground.store.write(new Map([[`known/${fp}`, pack(known)]]));
    this.#known.set(fp, known);
    this.#changed();
  }
}
