/**
 * What is to be said in a room: kept as intents, the first of them sealed, sent until there is an answer.
 *
 * Invariants: sealing is one write, and the same bytes are sent until the server has said yes or no. An intent
 * keeps its client_id over everything, a new sealing included, so nothing stands in the room twice; it is
 * forgotten in the write that applies it.
 */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type { Capability } from "../generated/protocol.js";
import { MAX_AGE_MS, MAX_QUEUED, type QueuedCommand } from "../outbox.js";
import type { Entry } from "./entries.js";
import { raised } from "./faults.js";
import { random, type Ground } from "./ground.js";
import { prefixOf } from "./ledger.js";
import { uuidBytes } from "./names.js";
import type { Said } from "./reading.js";
import type { SealedRoom } from "./room.js";
import {
  entity,
  erases,
  handedOver,
  interpret,
  looks,
  prepare,
  workers,
  type About,
  type Plain,
  type SealedCommand,
} from "./rules/index.js";
import { pack, unpack, type Changes } from "./store.js";

/** How often one thing is sealed anew. */
const TRIES = 8;
/** Refusals after which the room is caught up with and the same is sealed anew. */
const ANEW: ReadonlySet<string> = new Set([
  "bad_transcript",
  "client_id_conflict",
  "commit_conflict",
  "ctr_conflict",
  "epoch_stale",
  "rotation_required",
  "version_conflict",
]);

/** A command that is to be said. */
interface Intent {
  readonly command: QueuedCommand;
  readonly clientId: cx1.Hex;
}

interface Waiting {
  readonly intent: Intent;
  /** The bytes in which it is being sent. */
  sealed: Uint8Array | null;
  tries: number;
  settle: ((said: Said) => void) | null;
}

/** What of the queue stands in the room: it leaves the queue once these changes are written, and not before. */
interface Standing {
  readonly standing: readonly Waiting[];
  readonly changes: Changes;
}

export class Outgoing {
  readonly #room: SealedRoom;
  /** By client_id, in order. */
  readonly #queue = new Map<cx1.Hex, Waiting>();
  /** Stands in the room, and was not read yet. */
  readonly #applied = new Map<cx1.Hex, Waiting>();

  constructor(room: SealedRoom) {
    this.#room = room;
  }

  /** Commands that stand in the room or wait to be, in order: those that pages may show as pending. */
  get commands(): readonly QueuedCommand[] {
    return [...this.#queue.values()].map(({ intent }) => intent.command);
  }

  /** Whether an own envelope is one whose outcome somebody wants to know. */
  has(clientId: cx1.Hex): boolean {
    return this.#applied.has(clientId);
  }

  /** Takes up what the store has kept of the room, ahead of what was said since; what stands there by now. */
  load(kept: readonly (readonly [string, Uint8Array])[]): Standing {
    const values = new Map(kept);
    const since = new Map(this.#queue);
    this.#queue.clear();
    for (const [name, value] of kept) {
      if (!name.startsWith(`${prefixOf(this.#room.id)}intent/`)) continue;
      const intent = unpack<Intent>(value);
      const sealed = values.get(this.#sealedName(intent)) ?? null;
      const settle = since.get(intent.clientId)?.settle ?? null;
      this.#queue.set(intent.clientId, { intent, sealed, tries: 0, settle });
    }
    for (const [clientId, waiting] of since) {
      if (!this.#queue.has(clientId)) this.#queue.set(clientId, waiting);
    }
    const { entries } = this.#room.ledger;
    const standing = [...this.#queue.values()].filter(({ intent }) => entries.hasClientId(intent.clientId));
    return { standing, changes: this.#forgetting(standing) };
  }

  /**
   * Keeps a command to be said. Resolves with what comes of it, however long that takes; with nothing, if the
   * room has had that command before. Rejects where the room stands still.
   */
  async say(command: QueuedCommand): Promise<Said> {
    this.#room.checkHalt();
    const clientId = clientIdOf(command);
    if (this.#room.ledger.entries.hasClientId(clientId)) return this.#room.do(() => Promise.resolve([]));
    // What agents can do is known only once the server was asked.
    const asks = looks(spoken(command)) || this.#workers(command).length > 0;
    if (!asks && this.#queue.size === 0 && this.#room.current) {
      this.#tryOut(this.#prepared(command, new Map()));
    }
    return new Promise((settle, reject) => {
      this.keep(command, settle).catch(reject);
    });
  }

  /** Keeps a command to be said; resolves when it will survive the program. */
  async keep(command: QueuedCommand, settle: ((said: Said) => void) | null = null): Promise<void> {
    if (this.#room.lost !== null) throw this.#room.lost;
    if (this.#queue.size >= MAX_QUEUED) {
      throw localError("limit_exceeded", `${MAX_QUEUED} commands wait to be sent in this room.`);
    }
    const intent = { command, clientId: clientIdOf(command) };
    const queued = this.#queue.get(intent.clientId);
    if (queued !== undefined) {
      // Asked again, as by a page whose answer was lost with another tab.
      queued.settle ??= settle;
      return;
    }
    this.#queue.set(intent.clientId, { intent, sealed: null, tries: 0, settle });
    try {
      await this.#room.ground.store.write(new Map([[this.#intentName(intent), pack(intent)]]));
    } catch (error) {
      this.#queue.delete(intent.clientId);
      throw localError("internal", "The command could not be stored.", error);
    }
    this.#room.wake();
  }

  /** Keeps a command of this device's own to be said. */
  async keepOwn(name: string, payload: Plain): Promise<void> {
    await this.keep(ownCommand(this.#room.ground, this.#room.id, name, payload));
  }

  /** Publishes what is in force for newcomers who cannot read how it came about. */
  async handOver(): Promise<void> {
    for (const { type, data } of handedOver(this.#room.reading.contents)) await this.keepOwn(type, data);
  }

  /** Own envelopes are applied in one write with these changes; `strange` ones are none of this store's. */
  cameBack(entries: readonly Entry[]): Standing & { readonly strange: number } {
    const waiting = entries.map(({ clientId }) => this.#queue.get(clientId));
    const standing = waiting.filter((each) => each !== undefined);
    const strange = waiting.filter((each) => each?.sealed == null).length;
    return { standing, changes: this.#forgetting(standing), strange };
  }

  /** It is written that these stand in the room: they are answered once they were read. */
  stand(standing: readonly Waiting[]): void {
    for (const waiting of standing) {
      const { clientId } = waiting.intent;
      if (this.#queue.delete(clientId)) this.#applied.set(clientId, waiting);
    }
  }

  /** Own envelopes were read: tells who waits. */
  answer(): void {
    for (const [clientId, waiting] of this.#applied) {
      this.#settle(waiting, this.#room.reading.outcome(clientId));
    }
    this.#applied.clear();
  }

  /** Seals and sends, one after another, as long as something is to be said. */
  async flush(): Promise<void> {
    for (let next; (next = this.#queue.values().next().value) !== undefined;) {
      try {
        if (!(await this.#advance(next))) return;
      } catch (caught) {
        const error = caught instanceof cx1.Cx1Error ? raised(caught) : caught;
        if (!isYmeraError(error) || error.retryable || this.#room.halted !== null) throw error;
        await this.#drop(next, error);
      }
    }
  }

  /** Tells all who wait that they wait in vain for now. What is queued is sent once the room goes on. */
  dismiss(error: YmeraError): void {
    for (const waiting of this.#queue.values()) {
      waiting.settle?.(error);
      waiting.settle = null;
    }
  }

  /** Nothing will be sent any more by this program; what is queued stays in the store. */
  abandon(error: YmeraError): void {
    for (const waiting of [...this.#queue.values(), ...this.#applied.values()]) waiting.settle?.(error);
    this.#queue.clear();
    this.#applied.clear();
  }

  /** Seals it if need be, and sends it; false while it cannot be. */
  async #advance(waiting: Waiting): Promise<boolean> {
    if (waiting.sealed === null) {
      const { calledAt, name } = waiting.intent.command;
      if (this.#room.ground.now() - calledAt > MAX_AGE_MS) {
        const days = MAX_AGE_MS / 86_400_000;
        // Not `deadline_exceeded`, which says that trying again may help.
        throw localError("conflict", `${name} could not be sent for ${days} days.`);
      }
      await this.#room.governing.prepare();
      if (!(await this.#seal(waiting))) return false;
    }
    await this.#post(waiting);
    return true;
  }

  async #seal(waiting: Waiting): Promise<boolean> {
    const { ground, author, ledger, settled } = this.#room;
    const { command, clientId } = waiting.intent;
    if (!settled.ring.has(settled.timeline.room.epoch)) return false;
    const saying = this.#prepared(command, await this.#able(command));
    const entityId = this.#tryOut(saying);
    const message = {
      content: { type: cx1.ContentType.json, data: pack(saying) },
      clientId: cx1.fromHex(clientId),
      sentMs: BigInt(ground.now()),
      ...(entityId && { entityId, baseVersion: ledger.entries.versionOf(cx1.toHex(entityId)) }),
    };
    const place = { nonce: random(cx1.NONCE) };
    const { raw } = cx1.sealMessage(settled.timeline, settled.ring, author, message, place);
    await ground.store.write(new Map([[this.#sealedName(waiting.intent), raw]]));
    waiting.sealed = raw;
    return true;
  }

  /** The command with what its author chooses; `able` is what agents can do. */
  #prepared(command: QueuedCommand, able: ReadonlyMap<string, readonly Capability[]>): SealedCommand {
    const means = { newId: uuidv7, able: (agent: string) => able.get(agent) ?? [] };
    return prepare(this.#room.reading.contents, spoken(command), this.#about(null, 0), means);
  }

  /** What the agents can do that have a say in a command, by their ids, as they have told the server. */
  async #able(command: QueuedCommand): Promise<ReadonlyMap<string, readonly Capability[]>> {
    const { courier } = this.#room.ground;
    if (looks(spoken(command))) {
      // Of all: what is looked for is nobody else's business.
      const { items } = await courier("agent.list", {});
      return new Map(items.map(({ id, agent }) => [id, agent.capabilities]));
    }
    const able = new Map<string, readonly Capability[]>();
    for (const agent_id of this.#workers(command)) {
      try {
        able.set(agent_id, (await courier("agent.get", { agent_id })).capabilities);
      } catch (error) {
        // The server knows of none here.
        if (!isYmeraError(error, "not_found")) throw error;
      }
    }
    return able;
  }

  #workers(command: QueuedCommand): readonly string[] {
    return workers(this.#room.reading.contents, spoken(command));
  }

  /** Runs the rules on what is known, so that who asks hears at once what all would refuse. The entity named. */
  #tryOut({ type, data }: SealedCommand): Uint8Array | null {
    const { ledger, reading } = this.#room;
    const named = entity({ type, data });
    const id = named === null ? null : uuidBytes(named);
    const version = id === null ? 0 : ledger.entries.versionOf(cx1.toHex(id));
    interpret(reading.contents, { type, data }, this.#about(id, version));
    return id;
  }

  #about(id: Uint8Array | null, version: number): About {
    const { author, ledger, ground, reading } = this.#room;
    const fp = cx1.toHex(author.fp);
    const role = ledger.room?.members.get(fp)?.role ?? cx1.Role.reader;
    const named = id === null ? { entity: "", version: 0 } : { entity: cx1.toHex(id), version: version + 1 };
    return reading.about({ fp, role, seq: ledger.seq + 1, ms: ground.now(), ...named });
  }

  async #post(waiting: Waiting): Promise<void> {
    const { ground, id, ledger } = this.#room;
    const raw = waiting.sealed;
    if (raw === null) return;
    let seq;
    try {
      const payload = { room: id, envelope: cx1.toText(raw), erases: this.#erases(waiting.intent.command) };
      ({ seq } = await ground.courier("sealed.post", payload));
    } catch (error) {
      if (!isYmeraError(error) || !ANEW.has(error.code)) throw error;
      await this.#unseal(waiting, error);
      return;
    }
    const next = seq === ledger.seq + 1;
    if (!next || (await this.#room.take([{ seq, kind: "envelope", raw }])) !== null) this.#room.feed.miss();
    await this.#room.catchUp();
    if (this.#queue.has(waiting.intent.clientId)) {
      throw localError("unavailable", "The server does not show what it has taken.");
    }
  }

  /** The seqs of which the server may keep the stub only. */
  #erases(command: QueuedCommand): readonly number[] {
    const { ledger, reading } = this.#room;
    const messages = erases(reading.contents, spoken(command));
    return messages.flatMap((id) => ledger.entries.seqsOf(cx1.toHex(uuidBytes(id)))).slice(0, MAX_ERASED);
  }

  /** The bytes were refused for good: catches up, and seals anew what does not stand there by now. */
  async #unseal(waiting: Waiting, error: YmeraError): Promise<void> {
    this.#room.feed.miss();
    await this.#room.catchUp();
    if (!this.#queue.has(waiting.intent.clientId)) return;
    waiting.tries += 1;
    if (waiting.tries >= TRIES)
      throw localError("conflict", `The room does not take it: ${error.message}`, error);
    await this.#room.ground.store.write(new Map([[this.#sealedName(waiting.intent), null]]));
    waiting.sealed = null;
  }

  async #drop(waiting: Waiting, error: YmeraError): Promise<void> {
    await this.#room.ground.store.write(this.#forgetting([waiting]));
    this.#queue.delete(waiting.intent.clientId);
    this.#settle(waiting, error);
  }

  /** What has the store forget them. */
  #forgetting(some: readonly Waiting[]): Changes {
    const names = some.flatMap(({ intent }) => [this.#intentName(intent), this.#sealedName(intent)]);
    return new Map(names.map((name) => [name, null]));
  }

  #settle(waiting: Waiting, said: Said): void {
    if (waiting.settle !== null) waiting.settle(said);
    else this.#room.recovered(waiting.intent.command, said);
  }

  /** Intents are taken up in the order of their commands' ids, which is that of the calls. */
  #intentName({ command }: Intent): string {
    return intentName(this.#room.id, command);
  }

  #sealedName({ command }: Intent): string {
    return `${prefixOf(this.#room.id)}sealed/${command.id}`;
  }
}

/** A command as rules have it. */
function spoken({ name, payload }: QueuedCommand): { readonly type: string; readonly data: Plain } {
  return { type: name, data: payload };
}

/** What a store has of a command of this device's own that is said in a room once that is taken up. */
export function firstSaid(
  ground: Ground,
  room: string,
  name: string,
  payload: Plain,
): readonly [string, Uint8Array] {
  const command = ownCommand(ground, room, name, payload);
  return [intentName(room, command), pack({ command, clientId: clientIdOf(command) })];
}

function ownCommand({ account, now }: Ground, lane: string, name: string, payload: Plain): QueuedCommand {
  return { id: uuidv7(), account, name, payload, lane, calledAt: now(), optimistic: [] };
}

function intentName(room: string, { id }: QueuedCommand): string {
  return `${prefixOf(room)}intent/${id}`;
}

/** As random as the command's id, and the same for the same command: so none stands in a room twice. */
function clientIdOf({ id }: QueuedCommand): cx1.Hex {
  return cx1.toHex(cx1.digest("ymera/command", cx1.utf8(id)).subarray(0, cx1.ID));
}

/** Envelopes that one command can have erased at once. */
const MAX_ERASED = 100;
