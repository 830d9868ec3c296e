/**
 * One sealed room on this device: follows its log, verifies it, and is the one place where it changes.
 *
 * Invariant: all that changes a room runs in its turn, one after another, so nothing is ever sealed or committed
 * on a state that is half applied. What an honest server would not have shown is fetched once more; if it stays,
 * the room halts, and nothing is applied or sent until somebody says `retry`.
 */

import { fullJitter } from "../backoff.js";
import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "../errors.js";
import type { Form, LoggedEvent, SealedRoom as Shown } from "../generated/protocol.js";
import { Lifetime, pause } from "../lifetime.js";
import type { QueuedCommand } from "../outbox.js";
import type { Halt } from "./api.js";
import { asYmeraError, faultError } from "./faults.js";
import { Feed } from "./feed.js";
import { Governing } from "./governing.js";
import type { RoomGround } from "./ground.js";
import { Ledger, prefixOf, type RawItem, type Refusal } from "./ledger.js";
import { uuidBytes } from "./names.js";
import { Outgoing } from "./outgoing.js";
import { Reading, type Said } from "./reading.js";
import { Secrets } from "./secrets.js";
import { pack, unpack, type Changes } from "./store.js";
import { Whispers } from "./whispers.js";

/** Who is told of what the room shows. */
export interface Audience {
  /** These events were applied, or something else that can be seen has changed. `anew`: the state is another. */
  shown(room: SealedRoom, events: readonly LoggedEvent[], anew: boolean): void;
  /** A command that nobody waits for has its answer: it was queued by an earlier run, or goes by itself. */
  settled(command: QueuedCommand, error: YmeraError | null): void;
}

interface Job {
  readonly work: () => Promise<unknown>;
  readonly done: (result: unknown) => void;
  readonly failed: (error: YmeraError) => void;
}

/** Things that wait for the room's turn. */
const MAX_JOBS = 1_000;

export class SealedRoom {
  readonly id: string;
  readonly ground: RoomGround;
  readonly secrets = new Secrets(this);
  readonly governing = new Governing(this);
  readonly outgoing = new Outgoing(this);
  readonly feed = new Feed(this);
  readonly whispers = new Whispers(this);
  ledger: Ledger;
  reading: Reading;
  form: Form = "conversation";
  halted: Halt | null = null;
  /** Whether what the room holds was read, so that its state means something. */
  known = false;
  /** Why the room is not followed any more. */
  lost: YmeraError | null = null;
  readonly #audience: Audience;
  readonly #life = new Lifetime();
  /** The epochs whose secrets are in the backup. */
  #backed = new Set<number>();
  readonly #jobs: Job[] = [];
  #rereading = false;
  #opened = false;
  #tellOpened: () => void = () => undefined;
  /** Resolves once what is stored of the room was read, or it is followed no more. */
  readonly opened = new Promise<void>((resolve) => (this.#tellOpened = resolve));
  #wake: () => void = () => undefined;
  #woken = false;

  constructor(id: string, ground: RoomGround, audience: Audience) {
    this.id = id;
    this.ground = ground;
    this.#audience = audience;
    this.ledger = new Ledger(id);
    this.reading = this.#blank();
  }

  /** This device, as it signs. */
  get author(): cx1.Author {
    return this.ground.keychain.author;
  }

  /** Seqs applied, of those that there are. */
  get progress(): { readonly applied: number; readonly head: number } {
    return { applied: this.ledger.seq, head: Math.max(this.feed.head, this.ledger.seq) };
  }

  /** Whether all that is known to be there was applied and read. */
  get current(): boolean {
    const { applied, head } = this.progress;
    if (this.ledger.standing === null || !this.feed.current) return false;
    return this.known && applied === head && this.reading.seq === applied;
  }

  /** The standing of a room that was founded. Throws `unavailable` before anything of it was applied. */
  get settled(): NonNullable<Ledger["standing"]> {
    const { standing } = this.ledger;
    if (standing === null) throw localError("unavailable", "Nothing of this room has arrived yet.");
    return standing;
  }

  /** Follows the room until `close`. */
  start(): void {
    void this.#run();
  }

  /** There may be something to do. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Something may have been missed: asks the server. */
  fallBehind(): void {
    this.feed.miss();
    this.wake();
  }

  /** The connection is new: boxes, wants and items may have been missed. */
  reconnected(): void {
    this.secrets.refresh();
    this.fallBehind();
  }

  /** Takes what the server has sent by itself. */
  receive(events: readonly LoggedEvent[]): void {
    this.feed.receive(events);
    this.wake();
  }

  /** Does something in turn. Rejects with YmeraError. */
  do<T>(work: () => Promise<T>): Promise<T> {
    if (this.lost !== null) return Promise.reject(this.lost);
    if (this.#jobs.length >= MAX_JOBS) {
      return Promise.reject(
        localError("limit_exceeded", `${MAX_JOBS} changes of this room wait for their turn.`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#jobs.push({ work, done: resolve as (result: unknown) => void, failed: reject });
      this.wake();
    });
  }

  /** Tries a halted room once more. */
  async retry(): Promise<void> {
    await this.ground.store.write(new Map([[this.#name("halt"), null]]));
    this.halted = null;
    this.fallBehind();
  }

  /** What was received where the room halted, as JSON. */
  async evidence(): Promise<string | null> {
    const kept = await this.ground.store.get(this.#name("evidence"));
    return kept === undefined ? null : new TextDecoder().decode(kept);
  }

  /** Is not followed any more; whoever waits gets `error`. */
  close(error: YmeraError): void {
    this.lost ??= error;
    this.#dismiss(error, [...this.#jobs]);
    this.outgoing.abandon(error);
    this.#life.end();
    this.#tellOpened();
    this.wake();
  }

  /** The server knows of no such room, or not for this member. */
  evict(error: YmeraError): void {
    this.close(localError("not_found", "You are no longer in this room.", error));
    this.#audience.shown(this, [], false);
  }

  /** A command of an earlier run has come to its end. */
  recovered(command: QueuedCommand, said: Said): void {
    this.#audience.settled(command, isYmeraError(said) ? said : null);
  }

  /** Applies all that the server has, first what came by itself; then reads it. */
  async catchUp(): Promise<void> {
    this.checkHalt();
    await this.feed.catchUp();
    await this.readOn();
  }

  /** Reads what was applied, with the secrets that can be had. */
  async readOn(): Promise<void> {
    await this.secrets.gather();
    await this.#read();
  }

  /** Applies items that follow one another, in one write; what was refused of them, if anything. */
  async take(items: readonly RawItem[]): Promise<Refusal | null> {
    await this.#reach(items);
    const { directory, now } = this.ground;
    const own = cx1.toHex(this.author.deviceId);
    await this.secrets.foresee(items);
    const taken = this.ledger.take(items, {
      directory: directory.histories,
      nowMs: now(),
      secretOf: (epoch) => this.secrets.secretOf(epoch),
    });
    const back = this.outgoing.cameBack(
      taken.entries.filter((entry) => entry.device === own && entry.sort !== "commit"),
    );
    await this.#keep(new Map([...taken.changes, ...back.changes]));
    this.outgoing.stand(back.standing);
    this.secrets.reached(this.ledger.room?.epoch ?? 0);
    if (this.ledger.readable) await this.#unlock(new Map());
    if (back.strange > 0) this.#tellStrange(back.strange);
    return taken.refused;
  }

  /** Holds secrets of epochs, and has what waited for them read. */
  async hold(secrets: ReadonlyMap<number, Uint8Array>): Promise<void> {
    if (secrets.size > 0) await this.#unlock(secrets);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#life.ended();) {
      this.#woken = false;
      const waiting = [...this.#jobs];
      let wait: number | null = null;
      try {
        await this.#turn();
        failures = 0;
      } catch (caught) {
        const error = asYmeraError(caught);
        if (error.code === "not_found") this.evict(error);
        else if (error.retryable) wait = fullJitter(failures++) + 1_000 * (retryAfter(error) ?? 0);
        else this.#dismiss(error, waiting);
      }
      if (!this.#life.ended()) this.#audience.shown(this, [], false);
      await this.#rest(wait ?? this.ledger.untilForgetting(this.ground.now()));
    }
  }

  /**
   * These jobs, if they still wait, and whoever waits for what is queued get `error`; what is queued to be said is
   * said once the room goes on. A job that came while this was tried has a turn of its own.
   */
  #dismiss(error: YmeraError, jobs: readonly Job[]): void {
    const left = this.#jobs.splice(0);
    for (const job of left) {
      if (jobs.includes(job)) job.failed(error);
      else this.#jobs.push(job);
    }
    this.outgoing.dismiss(error);
  }

  async #turn(): Promise<void> {
    if (!this.#opened) await this.#open();
    if (this.halted === null) {
      await this.catchUp();
      await this.secrets.tend();
      await this.governing.tend();
    }
    for (let job; (job = this.#jobs.shift()) !== undefined;) await carryOut(job);
    if (this.halted !== null) return;
    await this.outgoing.flush();
    await this.#read();
    const forgotten = this.ledger.forgetChains(this.ground.now());
    if (forgotten.size > 0) await this.#keep(forgotten);
    await this.#backUp();
  }

  async #unlock(secrets: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const { entries, changes } = this.ledger.unlock(secrets);
    await this.#keep(changes);
    if (entries.some((entry) => entry.seq <= this.reading.seq)) this.#rereading = true;
  }

  /** Waits until there may be something to do. */
  async #rest(ms: number | null): Promise<void> {
    if (this.#woken) return;
    const waiting = new Lifetime();
    this.#wake = () => {
      waiting.end();
    };
    const forget = this.#life.onEnd(() => {
      waiting.end();
    });
    if (ms === null) await new Promise<void>((resolve) => waiting.onEnd(resolve));
    else await pause(ms, waiting);
    forget();
  }

  /** Takes up what the store has of the room. */
  async #open(): Promise<void> {
    const kept = await this.ground.store.list(prefixOf(this.id));
    const values = new Map(kept);
    const [halt, form] = [values.get(this.#name("halt")), values.get(this.#name("form"))];
    if (halt !== undefined) this.halted = unpack<Halt>(halt);
    if (form === undefined) {
      const shown: Shown = await this.ground.courier("sealed.get", { room: this.id });
      await this.ground.store.write(new Map([[this.#name("form"), pack(shown.form)]]));
      this.form = shown.form;
    } else this.form = unpack<Form>(form);
    const backed = values.get(this.#name("backed"));
    if (backed !== undefined) this.#backed = new Set(unpack<number[]>(backed));
    this.ledger = Ledger.load(this.id, kept);
    const { standing, changes } = this.outgoing.load(kept);
    await this.#keep(changes);
    this.outgoing.stand(standing);
    this.#opened = true;
    this.#reread();
    this.#tellOpened();
  }

  /** Makes the state anew from all that is stored, as when a key has come late. */
  #reread(): void {
    const fresh = this.#blank();
    const before = this.reading;
    const events = fresh.take(this.ledger.entries.after(0), this.outgoing);
    const news = this.known ? events.filter(({ seq }) => !before.hasShown(seq)) : [];
    this.reading = fresh;
    this.known = true;
    this.#rereading = false;
    this.#audience.shown(this, news, true);
    this.outgoing.answer();
  }

  /** Reads what was applied. */
  async #read(): Promise<void> {
    if (this.#rereading) this.#reread();
    else if (this.reading.seq < this.ledger.seq) {
      const events = this.reading.take(this.ledger.entries.after(this.reading.seq), this.outgoing);
      this.#audience.shown(this, events, false);
      this.outgoing.answer();
    }
    const erased = this.reading
      .toErase()
      .flatMap((id) => this.ledger.entries.seqsOf(cx1.toHex(uuidBytes(id))));
    if (erased.length > 0) await this.#keep(this.ledger.erase(erased).changes);
  }

  /** Stands still, and keeps what the server has shown. Rejects with YmeraError. */
  async halt({ item, error }: Refusal): Promise<never> {
    const halt: Halt = { seq: item.seq, fault: error.fault, code: error.code, message: error.detail };
    const { standing } = this.ledger;
    const evidence = {
      room: this.id,
      room_ref: standing === null ? null : cx1.toText(standing.timeline.room.ref),
      applied: this.ledger.seq,
      transcript: standing === null ? null : cx1.toText(standing.timeline.hash),
      halt,
      kind: item.kind,
      item: cx1.toText(item.raw),
    };
    await this.ground.store.write(
      new Map([
        [this.#name("halt"), pack(halt)],
        [this.#name("evidence"), pack(evidence)],
      ]),
    );
    this.halted = halt;
    await this.#read();
    const standstill = this.#standstill(halt);
    this.outgoing.dismiss(standstill);
    throw standstill;
  }

  /** Rejects with YmeraError where the room stands still. */
  checkHalt(): void {
    if (this.halted !== null) throw this.#standstill(this.halted);
  }

  #standstill({ seq, fault, code, message }: Halt): YmeraError {
    const text = `The room stands still at ${seq}: ${message}. Show the evidence to who runs the server.`;
    return faultError("bad_transcript", text, { fault, seq, code });
  }

  /** Fetches the chains that commits name. What cannot be had leaves its commit refused, with the reason. */
  async #reach(items: readonly RawItem[]): Promise<void> {
    try {
      const commits = items.filter(({ kind }) => kind === "commit").map(({ raw }) => cx1.parseCommit(raw));
      await this.ground.directory.reach(commits);
    } catch (error) {
      if (isYmeraError(error) ? error.retryable : !(error instanceof cx1.Cx1Error)) throw error;
    }
  }

  /** Keeps changes; where that fails the room is taken up again as it was kept. */
  async #keep(changes: Changes): Promise<void> {
    try {
      if (changes.size > 0) await this.ground.store.write(changes);
    } catch (error) {
      this.ledger = Ledger.load(this.id, await this.ground.store.list(prefixOf(this.id)));
      this.feed.miss();
      this.#rereading = true;
      throw localError("unavailable", "What the room has said could not be stored on this device.", error);
    }
  }

  /** Backs up the secrets that have come since the last time. Where that fails it is tried again. */
  async #backUp(): Promise<void> {
    const { standing } = this.ledger;
    if (standing === null || this.ledger.ephemeral || !this.ground.backups.exists) return;
    const { epochs } = standing.timeline.room;
    const fresh = [...cx1.secretsOf(standing.ring)].filter(([number]) => !this.#backed.has(number));
    if (fresh.length === 0) return;
    try {
      await this.ground.backups.keepSecrets(
        fresh.map(([number, secret]) => [cx1.findEpoch(epochs, number), secret] as const),
      );
    } catch (error) {
      // Without a backup that takes more, the room goes on all the same.
      if (isYmeraError(error) && !error.retryable) return;
      throw error;
    }
    for (const [number] of fresh) this.#backed.add(number);
    await this.ground.store.write(new Map([[this.#name("backed"), pack([...this.#backed])]]));
  }

  #tellStrange(count: number): void {
    const message =
      `The server has ${count} messages of this device that it does not remember: its store was put back to an ` +
      "earlier state, or something else uses a copy of it. They were verified and applied.";
    const { memberId } = this.ground.directory.about(cx1.toHex(this.author.fp)) ?? { memberId: null };
    this.ground.alarm({ memberId, fp: cx1.toText(this.author.fp), fault: "device_copied", message });
  }

  #blank(): Reading {
    const own = this.ground.keychain.fp ?? "";
    return new Reading(this.id, this.form, own, this.ground.directory);
  }

  #name(what: string): string {
    return `${prefixOf(this.id)}${what}`;
  }
}

async function carryOut(job: Job): Promise<void> {
  try {
    job.done(await job.work());
  } catch (error) {
    job.failed(asYmeraError(error));
  }
}
