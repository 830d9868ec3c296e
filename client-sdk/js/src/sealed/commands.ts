/** What is said and asked in sealed rooms by the commands and queries of the plain protocol. */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError } from "../errors.js";
import type { LoggedEvent, RoomRole } from "../generated/protocol.js";
import type { QueuedCommand } from "../outbox.js";
import type { SearchHit } from "./api.js";
import type { Opened } from "./channel.js";
import { sweep } from "./desk.js";
import { vaultOf } from "./filing.js";
import { answer, imported, refused, reply, search, subject, type Holding } from "./local.js";
import type { Membership } from "./membership.js";
import { openRole } from "./names.js";
import type { SealedRoom } from "./room.js";
import { entity, type Plain } from "./rules/index.js";
import type { Session } from "./session.js";

const MAX_HITS = 100;

export class Commands {
  readonly #session: Session;
  readonly #membership: Membership;

  constructor(session: Session, membership: Membership) {
    this.#session = session;
    this.#membership = membership;
  }

  /** A room as it is to be shown, now and by notices from now on. */
  open(id: string): Promise<Opened> {
    const nothing: Opened = { state: null, cursor: 0, current: false, role: null, pending: [] };
    return Promise.resolve(this.#session.rooms?.open(id) ?? nothing);
  }

  /** The sealed room that has something of these ids. */
  async locate(ids: readonly string[]): Promise<string | null> {
    const { rooms } = this.#session;
    const known = rooms?.sealed.find((id) => ids.includes(id));
    return known ?? (await rooms?.holding(ids)) ?? null;
  }

  /** Says a command of the plain protocol in a room; its plain result. */
  async call(id: string, { name, payload, ...rest }: QueuedCommand): Promise<unknown> {
    const room = this.#session.room(id);
    // The one command of open rooms that is a commit in sealed ones.
    if (name === "room.leave") {
      await this.#membership.leave(id);
      return null;
    }
    const holding = holdingOf(room);
    const before = subject(holding, payload);
    const said = await room.outgoing.say({ ...rest, name, payload }).catch((error: unknown) => {
      if (isYmeraError(error)) return error;
      throw error;
    });
    if (isYmeraError(said)) throw said.code === "unknown_command" ? refused(id, name) : said;
    if (before !== undefined) await sweep(vaultOf(room), room.ground.courier, before);
    if (name === "task.import") return imported(payload, said);
    const named = entity({ type: name, data: payload });
    return reply(holding.contents, { name, payload, events: said, entity: named, before });
  }

  /** Answers a query of the plain protocol about a room. */
  query(id: string, name: string, payload: Plain): Promise<unknown> {
    const room = this.#session.room(id);
    if (!room.known) throw localError("unavailable", "Nothing of this room has arrived yet.");
    return Promise.resolve(answer(holdingOf(room), name, payload));
  }

  /** What has all these words, in a room or in all of them. */
  search(id: string | null, text: string): Promise<readonly SearchHit[]> {
    const rooms = id === null ? this.#session.following().all : [this.#session.room(id)];
    return Promise.resolve(rooms.flatMap((room) => search(holdingOf(room), text)).slice(0, MAX_HITS));
  }

  /** Says something in passing. */
  async whisper(id: string, content: Plain): Promise<void> {
    await this.#session.room(id).whispers.say(content);
  }
}

function holdingOf(room: SealedRoom): Holding {
  const { id, reading } = room;
  const eventsOf = (thing: string): readonly LoggedEvent[] => reading.eventsOf(thing);
  return { id, contents: reading.contents, openRole: ownRole(room), eventsOf };
}

function ownRole(room: SealedRoom): RoomRole {
  const own = room.ledger.standing?.timeline.room.members.get(cx1.toHex(room.author.fp));
  return openRole(own?.role ?? cx1.Role.reader);
}
