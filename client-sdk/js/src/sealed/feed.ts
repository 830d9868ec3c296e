/**
 * What the server shows of one sealed room: what it sends by itself, and what is fetched where that leaves gaps.
 *
 * Invariant: nothing of it is believed here. Items go to the room in the order of the log, which verifies them;
 * what it refuses is fetched once more, and if it stays, the room halts.
 */

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import type { Items, LoggedEvent } from "../generated/protocol.js";
import type { RawItem, Refusal } from "./ledger.js";
import { bytesOf } from "./names.js";
import { Pages } from "./pages.js";
import type { SealedRoom } from "./room.js";

/** Bytes of an erased envelope; a whole one has more. */
const STUB = 276;
/** Items kept that came by themselves; what is beyond is fetched. */
const MAX_LIVE = 1_000;

export class Feed {
  /** The last seq that there is, as the server says. */
  head = 0;
  readonly #room: SealedRoom;
  #behind = true;
  #fetching = false;
  #live: RawItem[] = [];

  constructor(room: SealedRoom) {
    this.#room = room;
  }

  /** Whether nothing is known to be missing. */
  get current(): boolean {
    return !this.#behind && !this.#fetching;
  }

  /** Something may have been missed. */
  miss(): void {
    this.#behind = true;
  }

  /** Takes what the server has sent by itself. */
  receive(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      this.head = Math.max(this.head, event.seq);
      const item = itemOf(event);
      if (item === null || this.#live.length >= MAX_LIVE) this.#behind = true;
      else this.#live.push(item);
    }
  }

  /** Has the room apply all that the server has, first what came by itself. */
  async catchUp(): Promise<void> {
    await this.#takeLive();
    while (this.#behind) {
      this.#behind = false;
      this.#fetching = true;
      try {
        await this.#fetch();
      } catch (error) {
        this.#behind = true;
        throw error;
      } finally {
        this.#fetching = false;
      }
    }
  }

  async #takeLive(): Promise<void> {
    const { ledger } = this.#room;
    const items: RawItem[] = [];
    for (const item of this.#live.splice(0).sort((one, other) => one.seq - other.seq)) {
      const next = ledger.seq + items.length + 1;
      if (item.seq === next) items.push(item);
      else if (item.seq > next) this.#behind = true;
    }
    if (items.length > 0 && (await this.#room.take(items)) !== null) this.#behind = true;
  }

  /** Fetches and has applied until nothing is missing. What is refused is fetched once more. */
  async #fetch(): Promise<void> {
    const room = this.#room;
    let pages = new Pages(room);
    for (let tried = false; ;) {
      const { answer, items } = await pages.take();
      this.head = answer.head;
      const refused = this.#misplaced(answer) ?? (await room.take(items));
      if (refused !== null) {
        if (tried) await room.halt(refused);
        tried = true;
        pages = new Pages(room);
        continue;
      }
      tried = false;
      if (room.ledger.seq >= answer.head) return;
      if (items.length === 0) throw localError("unavailable", "The server does not show what is missing.");
      await room.readOn();
    }
  }

  /** What is wrong with where the server says that the room stands. */
  #misplaced({ head, transcript }: Items): Refusal | null {
    const { standing, seq } = this.#room.ledger;
    if (standing === null) return null;
    const item: RawItem = { seq: seq + 1, kind: "envelope", raw: new Uint8Array() };
    if (head < seq) {
      const detail = `the room ends at ${head}, before what was seen of it`;
      return { item, error: new cx1.Cx1Error("seq", detail) };
    }
    if (cx1.equal(bytesOf(transcript), standing.timeline.hash)) return null;
    return { item, error: new cx1.Cx1Error("seen_hash", "the room has another past than was seen of it") };
  }
}

/** What a room's event holds; null if it is of another kind, which a sealed room has none of. */
function itemOf({ seq, type, data }: LoggedEvent): RawItem | null {
  const body =
    type === "commit.posted" ? data["commit"] : type === "envelope.posted" ? data["envelope"] : null;
  if (typeof body !== "string") return null;
  const raw = bytesOf(body);
  if (type === "commit.posted") return { seq, kind: "commit", raw };
  return { seq, kind: raw.length === STUB ? "stub" : "envelope", raw };
}
