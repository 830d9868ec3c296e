/** The sealed rooms that this device follows: all that its member is in, so that none misses a grant. */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type { Ephemera, LoggedEvent } from "../generated/protocol.js";
import type { QueuedCommand } from "../outbox.js";
import type { SealedMember, SealedRequest } from "./api.js";
import { bodyOf, type Notices, type Opened } from "./channel.js";
import type { Device } from "./device.js";
import type { Invites } from "./invites.js";
import { holds } from "./local.js";
import { roleName, uuidBytes } from "./names.js";
import type { Naming } from "./naming.js";
import { SealedRoom, type Audience } from "./room.js";
import { pack, unpack } from "./store.js";
import { memberViews, roomView } from "./views.js";

/** How many sealed rooms a device follows. */
const MAX_FOLLOWED = 1_000;

export type Notify = <K extends keyof Notices>(name: K, value: Notices[K]) => void;

/** A room with what is shown of it. */
interface Followed {
  readonly room: SealedRoom;
  /** The last seq shown to those who have it open; null if nobody has. */
  shown: number | null;
  current: boolean;
  requests: readonly SealedRequest[];
  members: {
    readonly of: cx1.Room;
    readonly by: cx1.Directory;
    readonly naming: Naming;
    readonly changes: number;
    readonly views: readonly SealedMember[];
  } | null;
  view: string;
}

export class Following implements Audience {
  readonly #device: Device;
  readonly #invites: Invites;
  readonly #notify: Notify;
  readonly #rooms = new Map<string, Followed>();
  /** Those that ended, for what they held: nothing said about it may go to the server in plain. */
  readonly #left = new Map<string, SealedRoom>();
  /** Rooms that somebody has open, followed or not. */
  readonly #wanted = new Set<string>();
  /** Sealed rooms that the member is in, followed or not. */
  #ids: readonly string[] = [];
  /** All that ever were: nothing is sent there in the clear, whatever the server calls them later. */
  #sealed: ReadonlySet<string> = new Set();
  #begun = false;
  #online = false;

  constructor(device: Device, invites: Invites, notify: Notify) {
    this.#device = device;
    this.#invites = invites;
    this.#notify = notify;
  }

  /** All rooms that are known to be sealed. */
  get sealed(): readonly string[] {
    return [...this.#sealed];
  }

  get all(): readonly SealedRoom[] {
    return [...this.#rooms.values()].map(({ room }) => room);
  }

  /** The identities that belong to a room, or did; null before all rooms were taken up. */
  named(): ReadonlySet<cx1.Hex> | null {
    const named = new Set<cx1.Hex>();
    for (const id of this.#ids) {
      const room = this.#rooms.get(id)?.room.ledger.room ?? null;
      if (room === null) return null;
      for (const fp of [...room.members.keys(), ...room.former.keys()]) named.add(fp);
    }
    for (const { ledger } of this.#left.values()) {
      for (const fp of ledger.room?.members.keys() ?? []) named.add(fp);
    }
    return named;
  }

  /** Takes up what the store has. */
  async load(): Promise<void> {
    const kept = await this.#device.store.get("rooms");
    this.#ids = kept === undefined ? [] : unpack<string[]>(kept);
    const sealed = await this.#device.store.get("sealed");
    this.#sealed = new Set([...this.#ids, ...(sealed === undefined ? [] : unpack<string[]>(sealed))]);
    this.#notify("rooms", this.sealed);
  }

  /** The member is in these sealed rooms, and in no others. */
  async follow(ids: readonly string[]): Promise<void> {
    if (ids.length !== this.#ids.length || ids.some((id) => !this.#ids.includes(id))) {
      this.#sealed = new Set([...this.#sealed, ...ids]);
      await this.#device.store.write(
        new Map([
          ["rooms", pack(ids)],
          ["sealed", pack(this.sealed)],
        ]),
      );
      this.#ids = ids;
      this.#notify("rooms", this.sealed);
    }
    for (const [id, { room }] of this.#rooms) {
      if (ids.includes(id)) continue;
      room.close(localError("not_found", "You are no longer in this room."));
      this.#leave(room);
    }
    this.#start();
  }

  /** A room is sealed that the member may come into. */
  async remember(id: string): Promise<void> {
    this.#sealed = new Set([...this.#sealed, id]);
    await this.#device.store.write(new Map([["sealed", pack(this.sealed)]]));
    this.#notify("rooms", this.sealed);
  }

  /** One more room, made or entered just now. */
  async include(id: string): Promise<SealedRoom> {
    if (!this.#ids.includes(id)) await this.follow([...this.#ids, id]);
    return this.room(id);
  }

  /** A room that is followed; throws `e2ee_room` if this device cannot read it. */
  room(id: string): SealedRoom {
    const followed = this.#rooms.get(id);
    if (followed !== undefined) return followed.room;
    throw localError(
      "e2ee_room",
      "The room is encrypted, and this device has no part in it. Nothing was sent.",
    );
  }

  /** The room that holds something of these ids, or did before it was removed or the room was left. */
  async holding(ids: readonly string[]): Promise<string | null> {
    const rooms = [...this.all, ...this.#left.values()];
    await Promise.all(rooms.map(({ opened }) => opened));
    const has = (room: SealedRoom): boolean =>
      ids.includes(room.id) || holds({ id: room.id, contents: room.reading.contents }, ids);
    const had = ({ ledger }: SealedRoom): boolean =>
      ids.some((id) => ledger.entries.seqsOf(cx1.toHex(uuidBytes(id))).length > 0);
    return (rooms.find(has) ?? rooms.find(had))?.id ?? null;
  }

  /** This device is in the identity: the rooms are taken up, and wait for a connection if there is none. */
  begin(): void {
    this.#begun = true;
    this.#start();
  }

  /** There is a connection. */
  connected(): void {
    this.#online = true;
    this.begin();
    for (const { room } of this.#rooms.values()) {
      room.reconnected();
      this.#subscribe(room);
    }
  }

  disconnected(): void {
    this.#online = false;
  }

  /** Shows a room from now on; how it stands. */
  open(id: string): Opened {
    const followed = this.#rooms.get(id);
    this.#wanted.add(id);
    if (followed === undefined) return NOTHING;
    const { room } = followed;
    followed.shown = room.reading.seq;
    followed.view = "";
    this.#tellView(followed);
    return {
      state: room.reading.state,
      cursor: room.reading.seq,
      current: isSettled(room),
      role: roleIn(room),
      pending: room.outgoing.commands,
    };
  }

  receive(events: readonly LoggedEvent[]): void {
    const byRoom = new Map<string, LoggedEvent[]>();
    for (const event of events) {
      const own = byRoom.get(event.room);
      if (own === undefined) byRoom.set(event.room, [event]);
      else own.push(event);
    }
    for (const [id, own] of byRoom) this.#rooms.get(id)?.room.receive(own);
  }

  /** Takes what the server says of rooms in passing. */
  async ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): Promise<void> {
    if ("heads" in message) {
      for (const [id, head] of Object.entries(message.heads)) {
        const room = this.#rooms.get(id)?.room;
        if (room !== undefined && room.progress.head < head) room.fallBehind();
      }
      return;
    }
    const followed = "room" in message ? this.#rooms.get(message.room) : undefined;
    if (followed === undefined) return;
    if ("want" in message) followed.room.secrets.wanted(message.want);
    else if (name === "sealed.granted") followed.room.secrets.granted();
    else if ("envelope" in message) {
      const heard = followed.room.whispers.hear(message.envelope);
      if (heard !== null) this.#notify("whispered", heard);
    } else if ("request" in message) await this.attend(followed.room);
  }

  /** Looks at who waits to be added to a room. */
  async attend(room: SealedRoom): Promise<void> {
    const followed = this.#rooms.get(room.id);
    const role = room.ledger.room?.members.get(this.#device.keychain.fp ?? "")?.role ?? cx1.Role.reader;
    if (followed === undefined || role < cx1.Role.member) return;
    followed.requests = await room.do(() => this.#invites.attend(room));
    this.#tellView(followed);
  }

  /** More is known of somebody: rooms may have something to commit, and show other names. */
  learned(): void {
    for (const followed of this.#rooms.values()) {
      followed.members = null;
      followed.room.wake();
      this.#tellView(followed);
    }
  }

  close(error: YmeraError): void {
    for (const { room } of this.#rooms.values()) room.close(error);
    this.#rooms.clear();
  }

  shown(room: SealedRoom, events: readonly LoggedEvent[], anew: boolean): void {
    const followed = this.#rooms.get(room.id);
    // It may be followed anew by now, as another.
    if (followed?.room !== room) return;
    if (room.lost !== null) this.#leave(room);
    const after = followed.shown;
    const cursor = room.reading.seq;
    const current = isSettled(room);
    if (after !== null && (anew || cursor > after || current !== followed.current)) {
      followed.shown = cursor;
      followed.current = current;
      this.#notify("shown", {
        room: room.id,
        after,
        cursor,
        events,
        state: anew ? room.reading.state : null,
        current,
      });
    }
    this.#tellView(followed);
  }

  settled(command: QueuedCommand, error: YmeraError | null): void {
    this.#notify("settled", { command, error: error && bodyOf(error) });
  }

  #leave(room: SealedRoom): void {
    this.#rooms.delete(room.id);
    this.#left.set(room.id, room);
  }

  #start(): void {
    if (!this.#begun) return;
    for (const id of this.#ids.slice(0, MAX_FOLLOWED)) {
      if (this.#rooms.has(id)) continue;
      this.#left.delete(id);
      const room = new SealedRoom(id, this.#device, this);
      const shown = this.#wanted.has(id) ? 0 : null;
      const nothing = { shown, current: false, requests: [], members: null, view: "" };
      this.#rooms.set(id, { room, ...nothing });
      room.start();
      if (this.#online) this.#subscribe(room);
    }
  }

  /** Has the server send what comes into a room. If that fails, the next connection tries again. */
  #subscribe(room: SealedRoom): void {
    this.#device
      .courier("room.join", { room: room.id })
      .then(
        () => {
          room.fallBehind();
          return this.attend(room);
        },
        (error: unknown) => {
          if (isYmeraError(error, "not_found")) room.evict(error);
        },
      )
      .catch(() => undefined);
  }

  #tellView(followed: Followed): void {
    const { room } = followed;
    const state = room.ledger.room;
    if (followed.shown === null || state === null) return;
    const by = this.#device.directory.histories;
    const { naming } = room.reading;
    const { changes } = naming;
    const held = followed.members;
    if (held?.of !== state || held.by !== by || held.naming !== naming || held.changes !== changes) {
      const views = memberViews(state, this.#device, naming);
      followed.members = { of: state, by, naming, changes, views };
    }
    const view = roomView(room, followed.members?.views ?? [], followed.requests);
    if (view === null) return;
    const text = JSON.stringify(view);
    if (text === followed.view) return;
    followed.view = text;
    this.#notify("view", { room: room.id, view });
  }
}

const NOTHING: Opened = { state: null, cursor: 0, current: false, role: null, pending: [] };

/** Whether nothing more is to be expected for now: all was read, or the room stands still. */
function isSettled(room: SealedRoom): boolean {
  return room.current || room.halted !== null;
}

function roleIn(room: SealedRoom): Opened["role"] {
  const role = room.ledger.room?.members.get(room.ground.keychain.fp ?? "")?.role;
  return role === undefined ? null : roleName(role);
}
