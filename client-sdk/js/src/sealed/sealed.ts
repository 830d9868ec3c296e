/**
 * `client.sealed`: what pages and programs do with sealed rooms, asked of the engine that has the keys.
 *
 * Invariant: what is known to be about a sealed room goes to the engine or is refused; it is never sent as it is.
 */

import { Cell, type Readable } from "../emitter.js";
import { localError, type YmeraError } from "../errors.js";
import type { Ephemera, LoggedEvent } from "../generated/protocol.js";
import type { QueuedCommand } from "../outbox.js";
import type {
  NewSealedRoom,
  PairingFlow,
  Sealed,
  SearchHit,
  SealedDevice,
  SealedInviteOptions,
  SealedPolicy,
  SealedRole,
  SealedRoomView,
  SealedState,
  SealedStatus,
  Trust,
} from "./api.js";
import { roomFiles, type Notices, type Whisper } from "./channel.js";
import { asYmeraError } from "./faults.js";
import type { RoomFiles } from "./files.js";
import { PairingFlows } from "./flows.js";
import type { Keys, KeysLine } from "./keys.js";
import { isPrivate, namedBy, refused } from "./local.js";
import { Mirror, type Shows } from "./mirror.js";

/** What sealed rooms need from the client. */
export interface SealedHost extends Shows {
  request(name: string, payload: object): Promise<unknown>;
  /** A command of an earlier run has its answer. */
  settled(answer: Notices["settled"]): void;
  whispered(whisper: Whisper): void;
  /** Whether the client knows by itself that a room is sealed. */
  isSealed(room: string): boolean;
  /** Something failed in the background. */
  faulted(error: unknown): void;
  /** Where the server's pages are, for links. */
  readonly origin: string;
}

const OFF: SealedStatus = {
  state: "off",
  me: null,
  codeKept: true,
  backedUp: false,
  revoked: false,
  alarms: [],
};

export class SealedRooms implements Sealed {
  readonly #status: Cell<SealedStatus>;
  readonly #flows = new PairingFlows(() => this.#keys());
  readonly #views = new Map<string, Cell<SealedRoomView | null>>();
  readonly #mirrors = new Map<string, Mirror>();
  readonly #host: SealedHost;
  readonly #line: KeysLine | null;
  #rooms: ReadonlySet<string> = new Set();
  /** All that were seen to be sealed, also those that the member is no longer in. */
  readonly #seen = new Set<string>();
  /** Resolves once the engine has the account's store open, or cannot open it. */
  #started: Promise<void> = Promise.resolve();
  /** Counts connections and their ends, to tell whether one still lasts. */
  #connection = 0;
  /** As whom the client is connected, and what it waits for until it is known which rooms are sealed. */
  #account: string | null = null;
  #finding: Promise<void> | null = null;
  /** Why the engine cannot be asked, until it can. */
  readonly #failure = new Cell<YmeraError | null>(null);
  /** The inbox has said which rooms the member is in. */
  #told: () => void = () => undefined;

  constructor(keys: Keys | undefined, host: SealedHost) {
    this.#host = host;
    this.#status = new Cell(keys === undefined ? OFF : { ...OFF, state: "starting" });
    this.#line =
      keys?.attach({
        request: (name, payload) => host.request(name, payload),
        notice: (name, value) => {
          this.#notice(name, value);
        },
        renewed: () => {
          this.#failure.set(null);
          for (const mirror of this.#mirrors.values()) {
            mirror.renew();
            this.#reopen(mirror);
          }
        },
        failed: (error) => {
          this.#failure.set(asYmeraError(error));
          host.faulted(error);
        },
        origin: host.origin,
      }) ?? null;
  }

  get status(): Readable<SealedStatus> {
    return this.#status;
  }

  settled(): Promise<SealedState> {
    return new Promise((resolve) => {
      const look = (): void => {
        const { state } = this.#status.get();
        if (state === "starting") return;
        forget();
        resolve(state);
      };
      const forget = this.#status.subscribe(look);
      look();
    });
  }

  get pairings(): Readable<readonly PairingFlow[]> {
    return this.#flows.all;
  }

  // What the client tells

  /** The client is connected as this member, who is in these sealed rooms as far as is known. */
  connected(account: string): void {
    const line = this.#line;
    const started = line?.ask("session.start", account);
    const connection = ++this.#connection;
    if (started !== undefined) {
      const still = (): boolean => this.#connection === connection;
      this.#background(started.then(() => (still() ? line?.ask("session.connected") : undefined)));
      this.#started = started.catch(() => undefined);
    }
    if (this.#account === account) return;
    this.#account = account;
    const told = new Promise<void>((resolve) => (this.#told = resolve));
    const finding = Promise.allSettled([told, started]).then(() => {
      if (this.#finding === finding) this.#finding = null;
    });
    this.#finding = finding;
  }

  disconnected(): void {
    this.#connection += 1;
    if (this.#line !== null) this.#background(this.#line.ask("session.disconnected"));
  }

  /** The member is in these sealed rooms, and in no others. */
  follow(rooms: readonly string[]): void {
    for (const room of rooms) this.#seen.add(room);
    this.#told();
    // The inbox may be there before the store is open.
    this.#background(this.#started.then(() => this.#line?.ask("session.follow", rooms)));
  }

  receive(events: readonly LoggedEvent[]): void {
    if (this.#line === null) return;
    const sealed = events.filter(({ type }) => type === "commit.posted" || type === "envelope.posted");
    if (sealed.length > 0) this.#background(this.#line.ask("session.receive", sealed));
  }

  ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): void {
    if (this.#line !== null && CONCERNING.has(name))
      this.#background(this.#line.ask("session.ephemeral", name, message));
  }

  async close(): Promise<void> {
    this.#connection += 1;
    this.#mirrors.clear();
    await this.#line?.close();
  }

  // What the client asks

  /** The sealed room that a command is about; null if it is about none, a promise if only the engine knows. */
  roomOf(name: string, payload: object): string | null | Promise<string | null> {
    if (!isPrivate(name)) return null;
    const ids = namedBy(payload as Readonly<Record<string, unknown>>);
    const named = ids.find((id) => this.#rooms.has(id) || this.#seen.has(id) || this.#host.isSealed(id));
    if (named !== undefined) return named;
    if (ids.length === 0) return null;
    if (this.#finding !== null) return this.#finding.then(() => this.roomOf(name, payload));
    if (this.#line === null || this.#rooms.size === 0) return null;
    return this.#line.ask("commands.locate", ids);
  }

  /** Says a command in a sealed room; its plain result. */
  async say(room: string, command: QueuedCommand): Promise<unknown> {
    return (await this.#able(room, command.name)).ask("commands.call", room, command);
  }

  /** Answers a query about a sealed room. */
  async query(room: string, name: string, payload: object): Promise<unknown> {
    const plain = payload as Readonly<Record<string, unknown>>;
    return (await this.#able(room, name)).ask("commands.query", room, name, plain);
  }

  /** Whoever has the keys, for the files of a room. */
  files(room: string): RoomFiles {
    return roomFiles(room, () => this.#able(room, "file.add"));
  }

  /** A sealed room is shown from now on. Resolves when there is something to show, or never will be. */
  async show(room: string): Promise<void> {
    const mirror = this.#mirrors.get(room) ?? new Mirror(room, this.#host);
    this.#mirrors.set(room, mirror);
    this.#reopen(mirror);
    const state = await this.#known().catch(() => "off");
    if (state === "ready") await mirror.ready;
  }

  /** A room is shown no more. */
  hide(room: string): void {
    this.#mirrors.get(room)?.close();
    this.#mirrors.delete(room);
  }

  // The device

  begin(): Promise<string> {
    return this.#keys().ask("identity.begin");
  }

  beginAnew(): Promise<string> {
    return this.#keys().ask("identity.beginAnew");
  }

  beginAgent(ownerId: string): Promise<void> {
    return this.#keys().ask("identity.beginAgent", ownerId);
  }

  unkeptCode(): Promise<string | null> {
    return this.#keys().ask("identity.unkeptCode");
  }

  confirmCode(typed: string): Promise<void> {
    return this.#keys().ask("identity.confirmCode", typed);
  }

  recover(code: string): Promise<void> {
    return this.#keys().ask("identity.recover", code);
  }

  devices(): Promise<readonly SealedDevice[]> {
    return this.#keys().ask("identity.devices");
  }

  revokeDevice(deviceId: string): Promise<void> {
    return this.#keys().ask("identity.revokeDevice", deviceId);
  }

  endorseAgent(memberId: string): Promise<void> {
    return this.#keys().ask("identity.endorseAgent", memberId);
  }

  async linkByQr(): Promise<PairingFlow> {
    return this.#flows.get(await this.#keys().ask("identity.linkNew", "qr"));
  }

  async linkByDigits(): Promise<PairingFlow> {
    return this.#flows.get(await this.#keys().ask("identity.linkNew", "digits"));
  }

  async linkScanned(qr: string): Promise<PairingFlow> {
    return this.#flows.get(await this.#keys().ask("identity.linkScanned", qr));
  }

  async verifyByDigits(memberId: string): Promise<PairingFlow> {
    return this.#flows.get(await this.#keys().ask("identity.verifyByDigits", memberId));
  }

  trust(memberId: string): Promise<Trust | null> {
    return this.#keys().ask("identity.trust", memberId);
  }

  safetyNumber(memberId: string): Promise<string> {
    return this.#keys().ask("identity.safetyNumber", memberId);
  }

  verify(memberId: string): Promise<void> {
    return this.#keys().ask("identity.verify", memberId);
  }

  // Rooms

  createRoom(room: NewSealedRoom): Promise<string> {
    return this.#keys().ask("membership.create", room);
  }

  /** How a room stands, as long as it is shown or was asked for here. */
  room(id: string): Readable<SealedRoomView | null> {
    let view = this.#views.get(id);
    if (view === undefined) {
      this.#views.set(id, (view = new Cell<SealedRoomView | null>(null)));
      if (this.#line !== null) this.#background(this.#line.ask("commands.open", id));
    }
    return view;
  }

  add(
    room: string,
    members: readonly { readonly memberId: string; readonly role: SealedRole }[],
  ): Promise<void> {
    return this.#keys().ask("membership.add", room, members);
  }

  remove(room: string, fps: readonly string[]): Promise<void> {
    return this.#keys().ask("membership.remove", room, fps);
  }

  setRole(room: string, fp: string, role: SealedRole): Promise<void> {
    return this.#keys().ask("membership.setRole", room, fp, role);
  }

  setPolicy(room: string, policy: Partial<SealedPolicy>): Promise<void> {
    return this.#keys().ask("membership.setPolicy", room, policy);
  }

  leave(room: string): Promise<void> {
    return this.#keys().ask("membership.leave", room);
  }

  rotate(room: string): Promise<void> {
    return this.#keys().ask("membership.rotate", room);
  }

  retry(room: string): Promise<void> {
    return this.#keys().ask("membership.retry", room);
  }

  evidence(room: string): Promise<string | null> {
    return this.#keys().ask("membership.evidence", room);
  }

  invite(room: string, options: SealedInviteOptions = {}): Promise<string> {
    return this.#keys().ask("membership.invite", room, options);
  }

  acceptInvite(link: string): Promise<string> {
    return this.#keys().ask("membership.acceptInvite", link);
  }

  dismiss(room: string, request: string): Promise<void> {
    return this.#keys().ask("membership.dismiss", room, request);
  }

  whisper(room: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#keys().ask("commands.whisper", room, content);
  }

  search(room: string | null, text: string): Promise<readonly SearchHit[]> {
    return this.#keys().ask("commands.search", room, text);
  }

  #keys(): KeysLine {
    if (this.#line !== null) return this.#line;
    throw localError("e2ee_room", "This client was made without `keys`; it has no part in encrypted rooms.");
  }

  /** The engine, once it is known how this device stands. */
  async #able(room: string, name: string): Promise<KeysLine> {
    const state = await this.#known();
    if (this.#line === null || state === "none" || state === "elsewhere") throw refused(room, name);
    return this.#line;
  }

  /** How this device stands, once that is known. Rejects where the engine cannot be begun for now. */
  #known(): Promise<SealedState> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const [{ state }, failure] = [this.#status.get(), this.#failure.get()];
        if (state === "starting" && failure === null) return;
        for (const forget of watched) forget();
        if (failure === null || state !== "starting") resolve(state);
        else reject(failure);
      };
      const watched = [this.#status.subscribe(look), this.#failure.subscribe(look)];
      look();
    });
  }

  #notice<K extends keyof Notices>(name: K, value: Notices[K]): void {
    const notice = { name, value } as { [N in keyof Notices]: { name: N; value: Notices[N] } }[keyof Notices];
    switch (notice.name) {
      case "status":
        this.#failure.set(null);
        this.#status.set(notice.value);
        break;
      case "pairings":
        this.#flows.take(notice.value);
        break;
      case "rooms":
        this.#rooms = new Set(notice.value);
        break;
      case "view":
        this.#viewed(notice.value);
        break;
      case "shown":
        this.#shown(notice.value);
        break;
      case "settled":
        this.#host.settled(notice.value);
        break;
      case "whispered":
        this.#host.whispered(notice.value);
        break;
    }
  }

  #viewed({ room, view }: Notices["view"]): void {
    const cell = this.#views.get(room);
    if (cell === undefined) this.#views.set(room, new Cell<SealedRoomView | null>(view));
    else cell.set(view);
  }

  #shown(shown: Notices["shown"]): void {
    const mirror = this.#mirrors.get(shown.room);
    if (mirror?.take(shown) === false) this.#reopen(mirror);
  }

  #reopen(mirror: Mirror): void {
    if (this.#line === null) return;
    this.#background(
      this.#line.ask("commands.open", mirror.room).then((opened) => {
        if (!mirror.open(opened)) this.#reopen(mirror);
      }),
    );
  }

  /** Nobody waits for it: a lost connection is made good by the next, anything else is told. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#host.faulted(error);
    });
  }
}

/** What the server says in passing that the engine wants to hear. */
const CONCERNING: ReadonlySet<string> = new Set<keyof Ephemera>([
  "heads",
  "identity.extended",
  "lagging",
  "pairing.sent",
  "sealed.granted",
  "sealed.wanted",
  "sealed.whispered",
  "sealed_invite.answered",
]);
