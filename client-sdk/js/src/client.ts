/** The client: signs in, stays connected, sends commands, and keeps rooms up to date. */

import { v7 as uuidv7 } from "uuid";

import { Connection, type ConnectionListener } from "./connection.js";
import { Emitter, type Readable } from "./emitter.js";
import { isYmeraError, localError, type YmeraError } from "./errors.js";
import type { Reader } from "./extraction/reader.js";
import { Files, type UploadStorage } from "./files/files.js";
import type { SealedWay } from "./files/upload.js";
import {
  WRITES,
  type CommandName,
  type Command,
  type Commands,
  type Ephemera,
  type LoggedEvent,
  type Member,
  type MembershipRemoved,
  type MemberUpdated,
  type Page,
  type Ready,
  type Workspace,
} from "./generated/protocol.js";
import type { QueuedCommand } from "./outbox.js";
import type { OptimisticChange } from "./overlay.js";
import { pages, type ItemOf, type PagedCommand } from "./page.js";
import { Rest } from "./rest.js";
import type { LiveRoom, SyncedRoom } from "./room.js";
import { Rooms } from "./rooms.js";
import type { Sealed } from "./sealed/api.js";
import { errorOf, type Whisper } from "./sealed/channel.js";
import type { Keys } from "./sealed/keys.js";
import { refused } from "./sealed/local.js";
import { SealedRooms } from "./sealed/sealed.js";
import { Sender, type Rejection } from "./sender.js";
import { Server } from "./server.js";
import { Session, type CredentialSource } from "./session.js";
import { closedError, Standing, type Status } from "./status.js";
import { defaultStorage } from "./storage/default.js";
import type { CommandStorage } from "./storage/storage.js";

export interface ClientOptions {
  /** The server's address; in a page its own origin if left out. */
  readonly url?: string;
  /** `cookieSession()`, `programToken(token)` or `passwordSession({email, password})`. */
  readonly credentials: CredentialSource;
  /**
   * Where unanswered commands are kept: `openIndexedDb(name)`, `memoryStorage()` or, on Node,
   * `fileStorage(path)`. If left out, IndexedDB where there is one that works, else memory.
   */
  readonly storage?: CommandStorage | Promise<CommandStorage>;
  /**
   * Where addresses of unfinished uploads are kept: on Node `uploadStorage(folder)`. If left out, in
   * `localStorage` where there is one, else only as long as the program runs.
   */
  readonly uploads?: UploadStorage;
  /**
   * Where the keys of encrypted rooms are kept: `workerKeys(…)` in browsers, on Node `fileKeys(…)`, or
   * `memoryKeys()`. If left out, the client has no part in encrypted rooms.
   */
  readonly keys?: Keys;
  /**
   * Who reads the files that are brought into encrypted rooms, so that they can be found by what they say:
   * `workerReader(…)` in browsers. If left out, this thread.
   */
  readonly reader?: Reader;
}

export interface CallOptions {
  /** What the command will probably do; shown at once, and taken back if it is refused. */
  readonly optimistic?: readonly OptimisticChange[];
  /** For commands that only read: wait for a connection instead of failing with `unavailable`. */
  readonly wait?: boolean;
}

/** What `client.on` tells. */
export interface ClientEvents {
  /** An event was applied to a room in use; each once, in the room's order. */
  event: LoggedEvent;
  presence: Ephemera["presence"];
  typing: Ephemera["typing"];
  /** The server is about to close the connection. */
  closing: Ephemera["closing"];
  /** Something was said in passing in an encrypted room, which nobody keeps. */
  whispered: Whisper;
  /** A queued command was refused for good. */
  rejected: Rejection;
  /** Something failed in the background, where no caller waits: the storage. */
  fault: unknown;
}

/** How long to wait before looking again for commands that closed tabs have left, in milliseconds. */
const CLAIM_MS = 30_000;

export class Client {
  /** Accounts, sign-in, sessions and tokens. */
  readonly rest: Rest;
  /** Uploads, downloads and previews of files. */
  readonly files: Files;
  readonly #standing = new Standing();
  readonly #events = new Emitter<ClientEvents>();
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #rooms: Rooms;
  readonly #sealed: SealedRooms;
  #me: Member | null = null;
  #workspace: Workspace | null = null;
  #inbox: LiveRoom | null = null;
  #workspaceRoom: LiveRoom | null = null;
  #claiming: ReturnType<typeof setInterval> | undefined;

  constructor({ url, credentials, storage, uploads, keys, reader }: ClientOptions) {
    const server = new Server(url);
    const session = new Session(server, credentials);
    const request = (name: string, payload: object): Promise<unknown> =>
      this.#connection.request(name, payload);
    this.rest = new Rest(server, session, () => this.#signedOut());
    this.files = new Files({
      server,
      session,
      storage: uploads,
      // Not kept: an upload ends with the program, and so do its commands. A repeated one has the same id.
      command: (name, payload) => this.#read(name, { command_id: uuidv7(), ...payload }, { wait: true }),
      sealed: (room) => this.#sealedWay(room),
      reader,
      holderOf: (file_id) => Promise.resolve(this.#sealed.roomOf("file.get", { file_id })),
    });
    this.#rooms = new Rooms({
      request,
      show: (room, confirmed) => this.#sender.overlays.show(room, confirmed),
      applied: (room, events) => {
        this.#applied(room, events);
      },
      moved: () => {
        this.#advance();
      },
      unseal: (room) => this.#sealed.show(room),
      sealed: (room) => {
        this.#sealed.hide(room);
      },
    });
    this.#sender = new Sender(storage ?? defaultStorage(server), {
      request: (name, payload) => this.#deliver(name, payload),
      connected: () => this.#connection.connected,
      cursorOf: (room) => this.#rooms.find(room)?.cursor ?? 0,
      changed: (rooms) => {
        for (const room of rooms) this.#rooms.find(room)?.refresh();
      },
      counted: () => {
        this.#advance();
      },
      rejected: (rejection) => {
        this.#events.emit("rejected", rejection);
      },
      faulted: (error) => {
        this.#events.emit("fault", error);
      },
    });
    this.#sealed = new SealedRooms(keys, {
      request,
      origin: server.address(""),
      applied: (room, content, events) => {
        this.#rooms.find(room)?.reveal(content, events);
      },
      pending: (commands) => {
        this.#sender.adopt(commands);
      },
      settled: ({ command, error }) => {
        this.#sender.settled(command, error && errorOf(error));
      },
      whispered: (whisper) => {
        this.#events.emit("whispered", whisper);
      },
      isSealed: (room) => this.#isSealed(room),
      faulted: (error) => {
        this.#events.emit("fault", error);
      },
    });
    this.#connection = new Connection(server, session, this.#listener());
  }

  /** How the client stands. A new object at each change. */
  get status(): Readable<Status> {
    return this.#standing.status;
  }

  /** Who you are; null before the first connection. */
  get me(): Member | null {
    return this.#me;
  }

  /** Null before the first connection. */
  get workspace(): Workspace | null {
    const id = this.#workspace?.id ?? "";
    return this.#workspaceRoom?.get("workspaces", id) ?? this.#workspace;
  }

  /** Encrypted rooms: the identity, devices, and what is done with rooms and members. */
  get sealed(): Sealed {
    return this.#sealed;
  }

  /** Your inbox: memberships and notifications. Always joined; null before the first connection. */
  get inbox(): LiveRoom | null {
    return this.#inbox;
  }

  /** The workspace's room: members and public channels. Always joined, unless you are a guest: then null. */
  get workspaceRoom(): LiveRoom | null {
    return this.#workspaceRoom;
  }

  /**
   * Connects, and stays connected until `close`. Resolves when the server is reached for the first
   * time, however long that takes; rejects with YmeraError if it refuses, with `unauthenticated` if
   * the user must sign in.
   */
  connect(): Promise<void> {
    if (this.#standing.closed) return Promise.reject(closedError());
    if (this.#connection.start()) this.#standing.enter("connecting");
    return this.#standing.reached();
  }

  /** Disconnects and lets go of everything. Unanswered commands stay in the storage. */
  async close(): Promise<void> {
    if (this.#standing.closed) return;
    this.#standing.close();
    this.files.leave(closedError());
    this.#connection.stop();
    this.#disconnected("offline");
    this.#rooms.discard();
    await this.#sealed.close();
    await this.#sender.close();
  }

  /**
   * Carries out a command. One that changes something is kept and sent until it has a final answer,
   * across reconnects and restarts, in the order of its room; one that reads fails with `unavailable`
   * without a connection, unless it is to `wait`. Rejects with YmeraError.
   */
  call<N extends CommandName>(
    name: N,
    payload: Commands[N]["payload"],
    options: CallOptions = {},
  ): Promise<Commands[N]["reply"]> {
    if (this.#standing.closed) return Promise.reject(closedError());
    const room = this.#sealed.roomOf(name, payload);
    if (room === null || typeof room === "string") return this.#carry(room, name, payload, options);
    return room.then((found) => this.#carry(found, name, payload, options));
  }

  /** Every item of a list, page after page, asked for as they are used. */
  page<N extends PagedCommand>(
    name: N,
    payload: Omit<Commands[N]["payload"], "cursor">,
    options: CallOptions = {},
  ): AsyncGenerator<ItemOf<N>, void> {
    const ask = (cursor: string | null): Promise<Commands[N]["reply"]> =>
      this.call(name, { ...payload, cursor }, options);
    return pages<ItemOf<N>>((cursor) => ask(cursor) as Promise<Page<ItemOf<N>>>);
  }

  /** The room of that id, joined and kept up to date until its `close()`. The same object for all. */
  room(id: string): LiveRoom {
    return this.#rooms.use(id);
  }

  /** Calls `listener` whenever that happens. Returns the way to stop it. */
  on<K extends keyof ClientEvents>(name: K, listener: (value: ClientEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /** Carries out a command, which is about a sealed room or about none. */
  #carry<N extends CommandName>(
    room: string | null,
    name: N,
    payload: Commands[N]["payload"],
    options: CallOptions,
  ): Promise<Commands[N]["reply"]> {
    const writes = WRITES.has(name) && name !== "room.join";
    if (room === null)
      return writes ? this.#write(name, payload, options) : this.#read(name, payload, options);
    if (!writes) return this.#sealed.query(room, name, payload) as Promise<Commands[N]["reply"]>;
    const command = { ...this.#queueable(name, payload, options), lane: room };
    const said = this.#sealed.say(room, command);
    return this.#sender.accompany(command, said) as Promise<Commands[N]["reply"]>;
  }

  #write<R>(name: CommandName, payload: Command, options: CallOptions): Promise<R> {
    return this.#sender.call(this.#queueable(name, payload, options)) as Promise<R>;
  }

  #queueable(name: CommandName, payload: Command, { optimistic = [] }: CallOptions): QueuedCommand {
    // Copied, so that it stays what it was when it was called, and is what JSON can carry.
    const copy = JSON.stringify({ ...payload, command_id: undefined });
    const fields = JSON.parse(copy) as Readonly<Record<string, unknown>>;
    return {
      id: payload.command_id ?? uuidv7(),
      account: this.#sender.account,
      name,
      payload: fields,
      lane: this.#lane(name, fields) ?? optimistic[0]?.room ?? null,
      calledAt: Date.now(),
      optimistic: JSON.parse(JSON.stringify(optimistic)) as OptimisticChange[],
    };
  }

  /** Sends a queued command. One that was called before it was known that its room is sealed stays here. */
  async #deliver(name: string, payload: object): Promise<unknown> {
    const room = await this.#sealed.roomOf(name, payload);
    if (room !== null) throw refused(room, name);
    return this.#connection.request(name, payload);
  }

  /** How files come into a room and out of it; null if it is not sealed. */
  async #sealedWay(room: string): Promise<SealedWay | null> {
    if ((await this.#sealed.roomOf("file.list", { room })) !== room) return null;
    const say = (name: string, payload: object): Promise<unknown> => {
      const command = this.#queueable(name as CommandName, payload, {});
      return this.#sealed.say(room, { ...command, lane: room });
    };
    return {
      ...this.#sealed.files(room),
      say,
      query: (name, payload) => this.#sealed.query(room, name, payload) as never,
    };
  }

  #isSealed(room: string): boolean {
    if (this.#rooms.find(room)?.kind === "sealed") return true;
    return this.#inbox?.get("memberships", room)?.kind === "sealed";
  }

  async #read<R>(name: CommandName, payload: object, { wait = false }: CallOptions): Promise<R> {
    for (;;) {
      if (wait) await this.#standing.reached();
      try {
        return (await this.#connection.request(name, payload)) as R;
      } catch (error) {
        if (!wait || this.#connection.connected || !isYmeraError(error, "unavailable")) throw error;
      }
    }
  }

  /** The room in whose order a command stands. */
  #lane(name: string, payload: Readonly<Record<string, unknown>>): string | null {
    const { room, project_id, task_id, message_id, id } = payload;
    if (typeof room === "string") return room;
    if (typeof project_id === "string") return project_id;
    if (typeof task_id === "string") return this.#rooms.holding("tasks", task_id);
    if (typeof message_id === "string") return this.#rooms.holding("messages", message_id);
    return typeof id === "string" && (name === "project.create" || name === "room.create") ? id : null;
  }

  #listener(): ConnectionListener {
    return {
      opened: (wire) => {
        this.#opened(wire.ready);
      },
      lost: (error, final) => {
        this.#disconnected(final ? "signed_out" : "offline", error);
      },
      events: (events) => {
        this.#rooms.receive(events);
        this.#sealed.receive(events);
      },
      ephemeral: (name, message) => {
        this.#rooms.ephemeral(name, message);
        this.#sealed.ephemeral(name, message);
        if (name === "presence" || name === "typing" || name === "closing") {
          this.#events.emit(name, message);
        }
      },
    };
  }

  #opened({ me, workspace, inbox }: Ready): void {
    if (this.#me !== null && this.#me.id !== me.id) this.#rooms.reset();
    this.#me = me;
    this.#workspace = workspace;
    const workspaceRoom = me.role === "guest" ? null : workspace.id;
    this.#inbox = this.#keep(this.#inbox, inbox);
    this.#workspaceRoom = this.#keep(this.#workspaceRoom, workspaceRoom);
    this.#standing.enter("catching_up");
    this.#sealed.connected(me.id);
    this.#rooms.connected();
    void this.#sender.connected(me.id).then(() => {
      this.#advance();
    });
    clearInterval(this.#claiming);
    this.#claiming = setInterval(() => void this.#sender.claim(), CLAIM_MS);
  }

  #keep(held: LiveRoom | null, id: string | null): LiveRoom | null {
    if (held?.id === id) return held;
    held?.close();
    return id === null ? null : this.#rooms.use(id);
  }

  #disconnected(phase: "offline" | "signed_out", error: YmeraError | null = null): void {
    clearInterval(this.#claiming);
    this.#rooms.disconnected();
    this.#sealed.disconnected();
    this.#standing.enter(phase, error);
  }

  async #signedOut(): Promise<void> {
    this.#connection.stop();
    this.#disconnected("signed_out");
    this.#rooms.reset();
    this.#inbox = this.#keep(this.#inbox, null);
    this.#workspaceRoom = this.#keep(this.#workspaceRoom, null);
    this.#me = null;
    this.#workspace = null;
    await this.files.forget();
    await this.#sender.forget();
  }

  #applied(room: SyncedRoom, events: readonly LoggedEvent[]): void {
    this.#sender.overlays.applied(room.id, events, this.#me?.id ?? null);
    room.refresh();
    if (room === this.#inbox) this.#follow(room, events);
    for (const event of events) {
      const { member } = event.data as Partial<MemberUpdated>;
      // Others are not told the address, so it does not stand in the event.
      if (member !== undefined && member.id === this.#me?.id) this.#me = { ...member, email: this.#me.email };
      this.#events.emit("event", event);
    }
  }

  /** Lets rooms in use know that you have been taken out of them, or brought in again. */
  #follow(inbox: LiveRoom, events: readonly LoggedEvent[]): void {
    for (const { type, data } of events) {
      if (type !== "membership.removed") continue;
      const { room_id } = data as unknown as MembershipRemoved;
      this.#rooms.find(room_id)?.evict(localError("not_found", "You are no longer in this room."));
    }
    const memberships = Object.values(inbox.state.memberships);
    for (const { id } of memberships) this.#rooms.find(id)?.admit();
    this.#sealed.follow(memberships.filter(({ kind }) => kind === "sealed").map(({ id }) => id));
  }

  /** Moves on between catching up and live, and shows how much is queued. */
  #advance(): void {
    this.#standing.count(this.#sender.queued);
    if (!this.#standing.connected) return;
    this.#standing.enter(this.#rooms.settled && this.#sender.caughtUp ? "live" : "catching_up");
  }
}
