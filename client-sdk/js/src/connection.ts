/**
 * Keeps a connection: opens it, renews its credentials, and opens another when it ends.
 *
 * At most one connection is open at a time. It gives up only when it is stopped or refused for
 * good, as with credentials that are; everything else is tried again after a jittered wait.
 */

import { fullJitter } from "./backoff.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "./errors.js";
import type { Refreshed } from "./generated/protocol.js";
import { Lifetime, pause } from "./lifetime.js";
import type { Server } from "./server.js";
import { isSignedOut, type Session } from "./session.js";
import { onWake } from "./wake.js";
import { disconnected, Wire, type WireListener } from "./wire.js";

/** The share of a token's life after which it is renewed. */
const RENEW_AT = 0.8;
/** A connection that lasted this long was a good one: the next wait is short again. */
const STEADY_MS = 10_000;
/** The server speaks at least every 15 s; after this long a connection is doubted. */
const SILENCE_MS = 20_000;
const PROBE_MS = 5_000;

/** Who is told how the connection stands. */
export interface ConnectionListener extends WireListener {
  opened(wire: Wire): void;
  /** There is no connection. `final`: and there will be none until the user signs in. */
  lost(error: YmeraError, final: boolean): void;
}

export class Connection {
  readonly #server: Server;
  readonly #session: Session;
  readonly #listener: ConnectionListener;
  #wire: Wire | null = null;
  #running: Lifetime | null = null;
  /** The wait for the next attempt; null if none is under way. */
  #waiting: Lifetime | null = null;
  /** Attempts in a row that came to nothing, or not for long. */
  #failures = 0;
  #refreshing: Promise<number> | null = null;
  /** Why the credentials of a connection could not be renewed. */
  readonly #refusals = new WeakMap<Wire, YmeraError>();

  constructor(server: Server, session: Session, listener: ConnectionListener) {
    this.#server = server;
    this.#session = session;
    this.#listener = listener;
  }

  get connected(): boolean {
    return this.#wire !== null && !this.#wire.lifetime.ended();
  }

  /** Opens a connection and keeps one open, until `stop`. False if it does so already. */
  start(): boolean {
    if (this.#running !== null) return false;
    const running = new Lifetime();
    this.#running = running;
    const forget = onWake(() => {
      this.wake();
    });
    running.onEnd(forget);
    void this.#run(running);
    return true;
  }

  stop(): void {
    this.#running?.end();
    this.#running = null;
    this.#wire?.close();
  }

  /** Ends a wait for the next attempt; probes a connection that has been silent for long. */
  wake(): void {
    this.#waiting?.end();
    const wire = this.#wire;
    if (wire === null || Date.now() - wire.heardAt < SILENCE_MS) return;
    wire.request("workspace.get", {}, PROBE_MS).catch(() => {
      wire.close();
    });
  }

  /** Asks the server. If the access token has run out, it is renewed and the request sent again. */
  async request(name: string, payload: object): Promise<unknown> {
    const wire = this.#wire;
    if (wire === null) throw disconnected();
    try {
      return await wire.request(name, payload);
    } catch (error) {
      if (!isYmeraError(error, "token_expired") || wire.lifetime.ended()) throw error;
      await this.#refresh(wire);
      return await wire.request(name, payload);
    }
  }

  async #run(running: Lifetime): Promise<void> {
    this.#failures = 0;
    while (!running.ended()) {
      const error = await this.#attempt(running);
      if (running.ended()) return;
      const final = !error.retryable || isSignedOut(error);
      if (final) this.stop();
      this.#listener.lost(error, final);
      if (final) return;
      await this.#wait(fullJitter(this.#failures) + 1_000 * (retryAfter(error) ?? 0), running);
      if (running.ended()) return;
      this.#failures += 1;
    }
  }

  /** Connects, and stays until the connection ends. Returns why it did, or why there was none. */
  async #attempt(running: Lifetime): Promise<YmeraError> {
    try {
      return await this.#hold(await this.#open(running));
    } catch (error) {
      return isYmeraError(error) ? error : localError("internal", "The client failed.", error);
    }
  }

  /** Opens a connection. A token that the server refuses is replaced once. */
  async #open(running: Lifetime): Promise<Wire> {
    const token = await this.#session.token();
    try {
      return await Wire.open(this.#server, token, this.#listener, running);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      this.#session.refused(token);
      const fresh = await this.#session.token();
      if (fresh === token) throw error;
      return Wire.open(this.#server, fresh, this.#listener, running);
    }
  }

  async #hold(wire: Wire): Promise<YmeraError> {
    const openedAt = Date.now();
    const ended = new Promise<void>((resolve) => wire.lifetime.onEnd(resolve));
    this.#wire = wire;
    void this.#keepFresh(wire);
    this.#listener.opened(wire);
    await ended;
    this.#wire = null;
    if (Date.now() - openedAt >= STEADY_MS) this.#failures = 0;
    const refusal = this.#refusals.get(wire);
    if (refusal !== undefined) return refusal;
    if (wire.closing?.reconnect !== false) return disconnected();
    return localError("unauthenticated", `The server closed the connection: ${wire.closing.reason}.`);
  }

  async #wait(ms: number, running: Lifetime): Promise<void> {
    const waiting = new Lifetime();
    const forget = running.onEnd(() => {
      waiting.end();
    });
    this.#waiting = waiting;
    await pause(ms, waiting);
    this.#waiting = null;
    forget();
  }

  /** Renews the connection's access well before it runs out, for as long as the connection lasts. */
  async #keepFresh(wire: Wire): Promise<void> {
    let seconds = wire.ready.session_expires_in;
    let failures = 0;
    while (seconds !== null) {
      // Not all tabs, and not all clients of a restarted server, at the same moment.
      const due = 1_000 * seconds * RENEW_AT * (1 - Math.random() / 10);
      await pause(failures === 0 ? due : fullJitter(failures), wire.lifetime);
      if (wire.lifetime.ended()) return;
      try {
        seconds = await this.#refresh(wire);
        failures = 0;
      } catch {
        // A refusal has closed the connection; anything else is tried again.
        failures += 1;
      }
    }
  }

  /** Renews a connection's access in band. Returns the seconds that it lasts. All who ask share one. */
  #refresh(wire: Wire): Promise<number> {
    this.#refreshing ??= this.#renew(wire).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #renew(wire: Wire): Promise<number> {
    try {
      const access_token = await this.#session.renew();
      const fresh = (await wire.request("session.refresh", { access_token })) as Refreshed;
      return fresh.expires_in;
    } catch (error) {
      if (isSignedOut(error)) {
        this.#refusals.set(wire, error);
        wire.close();
      }
      throw error;
    }
  }
}
