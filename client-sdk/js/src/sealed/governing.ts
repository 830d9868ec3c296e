/** Changing who belongs to a sealed room: commits, made on the newest state, and anew where others were faster. */

import * as cx1 from "../crypto/index.js";
import { isYmeraError } from "../errors.js";
import { faultError } from "./faults.js";
import { random } from "./ground.js";
import type { SealedRoom } from "./room.js";

/** How often a commit is made anew where another was faster. */
const TRIES = 8;
const FASTER: ReadonlySet<string> = new Set([
  "commit_conflict",
  "epoch_stale",
  "rotation_required",
  "bad_transcript",
]);

/** What is to be committed on a state of the room; nothing, if nothing is. */
export type Wish = (room: cx1.Room) => readonly cx1.Op[];

/** Makes the commits of a room. Runs only in the room's own turn. */
export class Governing {
  readonly #room: SealedRoom;

  constructor(room: SealedRoom) {
    this.#room = room;
  }

  /** Has what `wish` makes of the room's newest state committed. */
  async commit(wish: Wish): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#room.catchUp();
      const ops = this.#completed(wish(this.#room.settled.timeline.room));
      if (ops.length === 0) return;
      try {
        await this.#post(ops);
        return;
      } catch (error) {
        if (attempt === TRIES || !isYmeraError(error) || !FASTER.has(error.code)) throw error;
        this.#room.fallBehind();
      }
    }
  }

  /** Commits what has to be before anything is said: devices that have come or gone, a new epoch. */
  async prepare(): Promise<void> {
    const { directory, now } = this.#room.ground;
    await this.commit((room) => {
      const { said, epochMs } = this.#room.settled;
      const ageSecs = Math.max(0, now() - epochMs) / 1_000;
      return cx1.dueOps(room, directory.histories, { envelopes: said, ageSecs });
    });
  }

  /** Has the room know the own devices as they are; the others' are seen to before something is said. */
  async tend(): Promise<void> {
    const own = this.#room.author.fp;
    if (this.#room.ledger.room?.members.has(cx1.toHex(own)) !== true) return;
    await this.commit((room) => {
      if (!room.members.has(cx1.toHex(own))) return [];
      return this.#devices(room).filter((op) => cx1.equal(op.fp, own));
    });
  }

  /** The op that adds somebody as far as their chain is known. */
  addition(fp: cx1.Hex, role: cx1.Role): cx1.Add {
    const { pin } = cx1.newestState(this.#room.ground.directory.history(fp));
    return { op: "add", fp: cx1.fromHex(fp), role, pin };
  }

  /** With what members' devices need beside these ops. */
  #completed(ops: readonly cx1.Op[]): readonly cx1.Op[] {
    if (ops.length === 0 || ops.some((op) => op.op === "leave")) return ops;
    const named = new Set(ops.flatMap((op) => ("fp" in op ? [cx1.toHex(op.fp)] : [])));
    const devices = this.#devices(this.#room.settled.timeline.room);
    return [...devices.filter((op) => !named.has(cx1.toHex(op.fp))), ...ops];
  }

  #devices(room: cx1.Room): readonly cx1.DevUp[] {
    const ops = cx1.dueOps(room, this.#room.ground.directory.histories, { envelopes: 0, ageSecs: 0 });
    return ops.filter((op) => op.op === "devup");
  }

  async #post(ops: readonly cx1.Op[]): Promise<void> {
    const { ground, author, id } = this.#room;
    const { timeline, ring } = this.#room.settled;
    const { room } = timeline;
    const { histories } = ground.directory;
    if (!room.members.has(cx1.toHex(author.fp))) {
      throw faultError("not_member", "You are not in this room.", { fault: "commit_author" });
    }
    const fresh = cx1.needsEpoch(room, author.fp, ops, histories) ? newEpoch() : undefined;
    const previous = cx1.secretsOf(ring).get(room.epoch);
    const occasion = {
      seen: cx1.seenAt(timeline),
      ms: BigInt(ground.now()),
      ...(fresh && { fresh }),
      ...(previous && { previous }),
    };
    const { raw, boxes } = cx1.writeNext(room, author, ops, histories, occasion);
    if (fresh !== undefined) this.#room.secrets.expect(room.epoch + 1, fresh.secret);
    const payload = { room: id, commit: cx1.toText(raw), boxes: boxes.map(cx1.toText) };
    const { seq } = await ground.courier("sealed.commit", payload);
    const next = seq === this.#room.ledger.seq + 1;
    if (!next || (await this.#room.take([{ seq, kind: "commit", raw }])) !== null) this.#room.fallBehind();
    await this.#room.catchUp();
    const now = this.#room.settled.timeline.room;
    const granted = fresh === undefined ? cx1.ungranted(now) : [];
    for (const target of granted) await this.#room.secrets.grant(target);
    // However somebody was added: who cannot read the past is given what is in force.
    const added = ops.some(({ op }) => op === "add");
    if (added && now.policy.history === cx1.Access.fromJoin) await this.#room.outgoing.handOver();
  }
}

/** What a new epoch is made of. */
export function newEpoch(): cx1.Fresh {
  return { secret: random(cx1.KEY), wrapNonce: random(cx1.NONCE), boxSeed: random(cx1.KEY) };
}
