/**
 * A room as the client keeps it: joined, caught up, shown, and let go when nobody looks at it.
 *
 * The log's invariant (`roomlog.ts`) is kept by asking the server for whatever it says is missing;
 * one such exchange is under way at a time.
 */

import { fullJitter } from "./backoff.js";
import { Listeners } from "./emitter.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "./errors.js";
import { EMPTY_STATE, type RoomState } from "./fold.js";
import type {
  CollectionName,
  Collections,
  EventRange,
  Joined,
  LoggedEvent,
  Message,
  Presence,
  PresenceStatus,
  RoomKind,
  RoomRole,
  Typing,
} from "./generated/protocol.js";
import { Lifetime, pause } from "./lifetime.js";
import { RoomLog, type Gap } from "./roomlog.js";
import type { Content } from "./sealed/mirror.js";
import { TypingBoard, type TypingMember } from "./typing.js";

/**
 * How a room stands: `joining` (its state may be old or missing), `live`, or `gone` (you may not
 * be in it, or no longer).
 */
export type RoomPhase = "joining" | "live" | "gone";

/** A room in use. Got from `client.room(id)`; give it back with `close()`. */
export interface LiveRoom {
  readonly id: string;
  /** Resolves when the room's state is there for the first time; rejects if you may not join. */
  readonly ready: Promise<void>;
  readonly phase: RoomPhase;
  /** Why the room is gone; null if it is not. */
  readonly error: YmeraError | null;
  /** Null before the room is ready. */
  readonly kind: RoomKind | null;
  /** Your role in it; null before the room is ready. */
  readonly role: RoomRole | null;
  /** The seq of the newest event that `state` contains. */
  readonly cursor: number;
  /** Everything in the room, pending changes included. Immutable: what changes is a new object. */
  readonly state: RoomState;
  /** Who is here now, by member id. */
  readonly presence: Readonly<Record<string, PresenceStatus>>;
  /** Who types here now. */
  readonly typing: readonly TypingMember[];
  /** One entity of the state. */
  get<C extends CollectionName>(collection: C, id: string): Collections[C] | undefined;
  /** Calls `listener` after each change of anything above. Returns the way to stop it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Gives the room back: call it once for each `client.room(id)`. */
  close(): void;
}

/** What a room needs from its client. */
export interface RoomHost {
  request(name: string, payload: object): Promise<unknown>;
  /** A confirmed state with the pending changes on top. */
  show(room: string, confirmed: RoomState): RoomState;
  /** The room's log has moved by these events (none: by a snapshot): to be shown and told. */
  applied(room: SyncedRoom, events: readonly LoggedEvent[]): void;
  /** The room's phase has changed. */
  moved(room: SyncedRoom): void;
  /** Nobody uses the room any more. */
  released(room: SyncedRoom): void;
  /** The room is sealed: has what is in it shown. Resolves when that is there. */
  unseal(room: string): Promise<void>;
}

/** How long a room is kept after its last user has gone, in milliseconds. */
export const LINGER_MS = 10_000;

export class SyncedRoom implements LiveRoom {
  readonly id: string;
  ready: Promise<void>;
  phase: RoomPhase = "joining";
  error: YmeraError | null = null;
  kind: RoomKind | null = null;
  role: RoomRole | null = null;
  state: RoomState = EMPTY_STATE;
  presence: Readonly<Record<string, PresenceStatus>> = {};

  readonly #host: RoomHost;
  readonly #log = new RoomLog();
  readonly #listeners = new Listeners<undefined>();
  readonly #typing = new TypingBoard(() => {
    this.#listeners.notify(undefined);
  });
  /** Of a sealed room: what its envelopes come to, which its log does not show. */
  #content: Content | null = null;
  #users = 0;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  /** Lasts as long as the connection that the room is joined over; null if there is none. */
  #link: Lifetime | null = null;
  /** The link over which an exchange is under way. */
  #syncing: Lifetime | null = null;
  #arrived: () => void = () => undefined;
  #refused: (error: YmeraError) => void = () => undefined;

  constructor(id: string, host: RoomHost) {
    this.id = id;
    this.#host = host;
    this.ready = this.#promise();
  }

  get cursor(): number {
    return this.#content?.cursor ?? this.#log.cursor;
  }

  get typing(): readonly TypingMember[] {
    return this.#typing.members;
  }

  get<C extends CollectionName>(collection: C, id: string): Collections[C] | undefined {
    const table = this.state[collection] as Readonly<Record<string, Collections[C]>>;
    return Object.hasOwn(table, id) ? table[id] : undefined;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  /** Counts one more user. */
  open(): this {
    clearTimeout(this.#lingering);
    this.#users += 1;
    this.admit();
    return this;
  }

  close(): void {
    if (this.#users === 0) return;
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#lingering = setTimeout(() => {
      this.#host.released(this);
    }, LINGER_MS);
  }

  /** The client has a connection: joins over it. */
  connected(): void {
    this.#link = new Lifetime();
    this.#sync();
  }

  /** The connection is lost. The state stays, to be brought up to date over the next. */
  disconnected(): void {
    this.#link?.end();
    this.#link = null;
    this.#log.disconnect();
    this.presence = {};
    this.#typing.clear();
    if (this.phase === "live") this.#move("joining");
    this.#listeners.notify(undefined);
  }

  /** You may not be in the room, or no longer: forgets what it held. */
  evict(error: YmeraError): void {
    this.error = error;
    this.#content = null;
    this.#log.clear();
    this.presence = {};
    this.#typing.clear();
    this.#refused(error);
    this.#move("gone");
    this.refresh();
  }

  /** You may be in the room again: tries to join it, if it was gone. */
  admit(): void {
    if (this.phase !== "gone") return;
    this.error = null;
    this.ready = this.#promise();
    this.#move("joining");
    this.#sync();
  }

  /** Forgets what it held for another account; joins anew if it can. */
  reset(): void {
    this.#content = null;
    this.#log.clear();
    this.presence = {};
    this.#typing.clear();
    this.error = null;
    if (this.phase === "gone") this.ready = this.#promise();
    this.#move("joining");
    this.refresh();
    this.#sync();
  }

  /** The room is given up: it joins no more. */
  discard(): void {
    clearTimeout(this.#lingering);
    this.disconnected();
    this.#refused(localError("unavailable", "The room was closed before it could be joined."));
  }

  /** Takes events of the room as they come in. */
  receive(events: readonly LoggedEvent[]): void {
    if (this.phase === "gone") return;
    this.#took(this.#log.receive(events));
    this.#sync();
  }

  /** Takes the server's word for how far the room's log reaches. */
  see(head: number): void {
    this.#log.see(head);
    this.#sync();
  }

  meet({ joined, left }: Presence): void {
    const present = { ...this.presence, ...joined };
    for (const id of left) Reflect.deleteProperty(present, id);
    this.presence = present;
    this.#listeners.notify(undefined);
  }

  /** Asks who is here: signs of coming and going were dropped. */
  lookAround(): void {
    const link = this.#link;
    if (link === null || this.phase === "gone" || this.kind === "inbox") return;
    this.#host.request("presence.list", { room: this.id }).then(
      (reply) => {
        if (link.ended()) return;
        this.presence = {};
        this.meet(reply as Presence);
      },
      // The connection has ended, or the room is lost: presence is forgotten anyway.
      () => undefined,
    );
  }

  type({ member_id, thread_id, typing }: Typing): void {
    this.#typing.take(member_id, thread_id, typing);
  }

  /** Shows the state anew: it, or what is pending, has changed. */
  refresh(): void {
    this.state = this.#host.show(this.id, this.#content?.state ?? this.#log.state);
    this.#listeners.notify(undefined);
  }

  /** Takes what a sealed room holds now, and the events that have brought it there. */
  reveal(content: Content, events: readonly LoggedEvent[]): void {
    if (this.phase === "gone") return;
    this.#content = content;
    this.#tell(events);
  }

  #took(events: readonly LoggedEvent[]): void {
    // Of a sealed room these are bytes; what they say is revealed.
    if (events.length > 0 && this.kind !== "sealed") this.#tell(events);
  }

  #tell(events: readonly LoggedEvent[]): void {
    for (const { type, actor, data } of events) {
      const { thread_id = null } = (data["message"] ?? {}) as Partial<Message>;
      if (type === "message.sent" && actor !== null) this.#typing.take(actor, thread_id, false);
    }
    this.#host.applied(this, events);
  }

  #promise(): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      this.#arrived = resolve;
      this.#refused = reject;
    });
    // Whoever only watches `phase` shall not be told twice.
    promise.catch(() => undefined);
    return promise;
  }

  #move(phase: RoomPhase): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.#host.moved(this);
  }

  /** Asks the server for what is missing until nothing is, as long as there is a connection. */
  #sync(): void {
    const link = this.#link;
    if (link === null || this.#syncing === link || this.#next() === null) return;
    this.#syncing = link;
    void this.#exchange(link).finally(() => {
      if (this.#syncing === link) this.#syncing = null;
    });
  }

  #next(): Gap {
    if (this.phase === "gone") return null;
    return this.phase === "joining" ? "rejoin" : this.#log.gap;
  }

  async #exchange(link: Lifetime): Promise<void> {
    let failures = 0;
    for (let gap; !link.ended() && (gap = this.#next()) !== null;) {
      try {
        await (gap === "rejoin" ? this.#join(link) : this.#fetch(link));
        failures = 0;
      } catch (caught) {
        if (link.ended()) return;
        const error = isYmeraError(caught) ? caught : localError("internal", "The client failed.", caught);
        if (!error.retryable) this.evict(error);
        else await pause(fullJitter(failures) + 1_000 * (retryAfter(error) ?? 0), link);
        failures += 1;
      }
    }
  }

  async #join(link: Lifetime): Promise<void> {
    this.#move("joining");
    this.presence = {};
    const payload = { room: this.id, ...this.#log.position };
    const reply = (await this.#host.request("room.join", payload)) as Joined;
    if (link.ended() || this.phase === "gone") return;
    const events = this.#log.join(reply);
    if (this.#log.position === null) throw localError("unavailable", "The log is another one now.");
    this.kind = reply.kind;
    this.role = reply.role;
    this.#move("live");
    if (events.length > 0) this.#took(events);
    else if (this.#content === null) this.#host.applied(this, events);
    if (reply.kind === "sealed") await this.#host.unseal(this.id);
    this.#arrived();
  }

  async #fetch(link: Lifetime): Promise<void> {
    const after_seq = this.#log.cursor;
    const reply = (await this.#host.request("room.events", {
      room: this.id,
      after_seq,
    })) as EventRange;
    if (link.ended() || this.phase === "gone") return;
    this.#log.see(reply.head);
    this.#took(this.#log.receive(reply.events));
    if (this.#log.cursor > after_seq) return;
    this.#move("joining");
    throw localError("unavailable", "The server did not send what is missing; joining again.");
  }
}
