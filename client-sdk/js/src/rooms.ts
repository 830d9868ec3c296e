/** The rooms in use: one of each, and what comes in for them. */

import { localError } from "./errors.js";
import type { Ephemera, LoggedEvent } from "./generated/protocol.js";
import { SyncedRoom, type LiveRoom, type RoomHost } from "./room.js";

/** What rooms need from their client. */
export type RoomsHost = Omit<RoomHost, "moved" | "released"> & {
  /** `settled` may have changed. */
  moved(): void;
  /** Nobody uses a sealed room any more. */
  sealed(room: string): void;
};

/** How many rooms a client can use at once. */
export const MAX_ROOMS = 500;

export class Rooms {
  readonly #rooms = new Map<string, SyncedRoom>();
  readonly #host: RoomsHost;
  /** Rooms that were up to date, or wanted, before the connection, and are not yet over it. */
  readonly #returning = new Set<SyncedRoom>();
  #connected = false;

  constructor(host: RoomsHost) {
    this.#host = host;
  }

  /** Whether every room that was in use when the connection was made is up to date again. */
  get settled(): boolean {
    return this.#returning.size === 0;
  }

  /** The room, for one more user. Throws YmeraError `limit_exceeded`. */
  use(id: string): LiveRoom {
    const known = this.#rooms.get(id);
    if (known !== undefined) return known.open();
    if (this.#rooms.size >= MAX_ROOMS) {
      throw localError("limit_exceeded", `A client can use ${MAX_ROOMS} rooms at once; close some.`);
    }
    const room = new SyncedRoom(id, { ...this.#host, moved: this.#moved, released: this.#release });
    this.#rooms.set(id, room.open());
    if (this.#connected) room.connected();
    return room;
  }

  find(id: string): SyncedRoom | undefined {
    return this.#rooms.get(id);
  }

  /** The room in use that holds an entity. */
  holding(collection: "tasks" | "messages", id: string): string | null {
    for (const room of this.#rooms.values()) if (room.get(collection, id) !== undefined) return room.id;
    return null;
  }

  connected(): void {
    this.#connected = true;
    for (const room of this.#rooms.values()) {
      if (room.phase !== "gone") this.#returning.add(room);
      room.connected();
    }
  }

  disconnected(): void {
    this.#connected = false;
    this.#returning.clear();
    for (const room of this.#rooms.values()) room.disconnected();
  }

  /** Forgets what the rooms hold: it was for another account. */
  reset(): void {
    for (const room of this.#rooms.values()) room.reset();
  }

  discard(): void {
    this.#connected = false;
    this.#returning.clear();
    for (const room of this.#rooms.values()) room.discard();
    this.#rooms.clear();
  }

  receive(events: readonly LoggedEvent[]): void {
    const byRoom = new Map<string, LoggedEvent[]>();
    for (const event of events) byRoom.set(event.room, [...(byRoom.get(event.room) ?? []), event]);
    for (const [id, own] of byRoom) this.#rooms.get(id)?.receive(own);
  }

  ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): void {
    if ("heads" in message) {
      for (const [id, head] of Object.entries(message.heads)) {
        this.#rooms.get(id)?.see(head);
        if (name === "lagging") this.#rooms.get(id)?.lookAround();
      }
    } else if ("joined" in message) this.#rooms.get(message.room)?.meet(message);
    else if ("typing" in message) this.#rooms.get(message.room)?.type(message);
  }

  readonly #moved = (room: SyncedRoom): void => {
    if (room.phase === "joining" && this.#connected) this.#returning.add(room);
    else this.#returning.delete(room);
    this.#host.moved();
  };

  readonly #release = (room: SyncedRoom): void => {
    this.#rooms.delete(room.id);
    this.#returning.delete(room);
    this.#host.moved();
    // The engine goes on following a sealed room, whoever looks at it.
    const joined = room.phase !== "gone" && room.kind !== "sealed";
    if (room.kind === "sealed") this.#host.sealed(room.id);
    room.discard();
    // Nobody waits for it: if it fails, the connection has ended and the room with it.
    if (joined && this.#connected) {
      this.#host.request("room.unsubscribe", { room: room.id }).catch(() => undefined);
    }
  };
}
