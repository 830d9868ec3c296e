/**
 * A room's items page by page: the next ones are fetched, and their signatures checked, while one is applied.
 *
 * Invariant: pages come in the order of the log, and never more than `AHEAD` of them wait.
 */

import * as cx1 from "../crypto/index.js";
import type { Items } from "../generated/protocol.js";
import type { RawItem } from "./ledger.js";
import { bytesOf } from "./names.js";
import type { SealedRoom } from "./room.js";

/** What the server shows after a seq, and its items as they are applied. */
export interface Page {
  readonly answer: Items;
  readonly items: readonly RawItem[];
}

/** Pages that are fetched before they are needed. */
const AHEAD = 2;
/** Items of a page: enough that asking and storing weigh little, and few enough that the threads work side by side. */
const ITEMS = 500;

export class Pages {
  readonly #room: SealedRoom;
  readonly #coming: Promise<Page>[] = [];
  /** After which seq the next page is to be asked for, once there is room for it; null if that is not known. */
  #next: number | null;

  constructor(room: SealedRoom) {
    this.#room = room;
    this.#next = room.ledger.seq;
  }

  /** The next page. Rejects with YmeraError. */
  async take(): Promise<Page> {
    this.#ask();
    const page = this.#coming.shift() ?? this.#fetch(this.#room.ledger.seq);
    this.#ask();
    return page;
  }

  #ask(): void {
    if (this.#next === null || this.#coming.length >= AHEAD) return;
    const page = this.#fetch(this.#next);
    this.#next = null;
    // Whoever takes it hears of its failure.
    page.catch(() => undefined);
    this.#coming.push(page);
  }

  async #fetch(after_seq: number): Promise<Page> {
    const { courier, verifier } = this.#room.ground;
    const answer = await courier("sealed.items", { room: this.#room.id, after_seq, limit: ITEMS });
    const items = answer.items.map(({ seq, kind, body }) => ({ seq, kind, raw: bytesOf(body) }));
    const last = items.at(-1)?.seq ?? answer.head;
    if (last < answer.head) {
      verifier?.prepare();
      this.#next = last;
      this.#ask();
    }
    return { answer, items: await this.#checked(items) };
  }

  /** The items, with whose signature they have where that could be found out. */
  async #checked(items: readonly RawItem[]): Promise<readonly RawItem[]> {
    const { ledger, ground } = this.#room;
    const { room } = ledger;
    if (room === null || ground.verifier === null) return items;
    const claims = items.map(({ kind, raw }) =>
      kind === "commit" ? undefined : cx1.claimOf(room, raw, kind === "stub"),
    );
    const asked = claims.filter((claim) => claim !== undefined);
    const found = await ground.verifier.check(asked);
    if (found === null) return items;
    const good = new Set(asked.filter((_, at) => found[at] === true));
    return items.map((item, at) => {
      const claim = claims[at];
      return claim !== undefined && good.has(claim) ? { ...item, signer: claim.edPk } : item;
    });
  }
}
