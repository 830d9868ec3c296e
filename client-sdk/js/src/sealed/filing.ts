/** The bytes of sealed rooms' files, as they are asked of the engine: by room, and by passes that it has begun. */

import { holderOf, versionIn, type Outcome, type Ticket, type Vault, type Work } from "./desk.js";
import type { SealedRoom } from "./room.js";
import type { SealedVersion } from "./rules/files.js";
import type { Session } from "./session.js";

export class Filing {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async ticket(room: string, identity: string | null, digest: string | null): Promise<Ticket> {
    return this.#session.desk().ticket(room, identity, digest);
  }

  async forget(room: string, identity: string): Promise<void> {
    await this.#session.desk().forget(room, identity);
  }

  async begin(id: string, work: Work): Promise<number> {
    const room = this.#session.room(id);
    // A room that is new here is followed first: files are bound to its first commit.
    if (room.ledger.standing === null) await room.do(() => Promise.resolve());
    return this.#session.desk().begin(vaultOf(room), work);
  }

  take(pass: number, bytes: Uint8Array, last: boolean): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#session.desk().take(pass, bytes, last));
  }

  end(pass: number): Promise<Outcome> {
    return Promise.resolve(this.#session.desk().end(pass));
  }

  drop(pass: number): Promise<void> {
    this.#session.desk().drop(pass);
    return Promise.resolve();
  }

  version(id: string, file: string, number: number | null): Promise<SealedVersion> {
    return Promise.resolve(versionIn(vaultOf(this.#session.room(id)), file, number));
  }

  holder(id: string, object: string): Promise<string | null> {
    return Promise.resolve(holderOf(vaultOf(this.#session.room(id)), object));
  }
}

/** A room, as far as its files' bytes need it. */
export function vaultOf(room: SealedRoom): Vault {
  return { id: room.id, ref: room.settled.timeline.room.ref, contents: room.reading.contents };
}
