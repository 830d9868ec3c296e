/** One Socket.IO connection, from its opening to its end. */

import { io, type Socket } from "socket.io-client";

import { isErrorBody, localError, YmeraError } from "./errors.js";
import { PROTOCOL_VERSION, type Ephemera, type LoggedEvent, type Ready } from "./generated/protocol.js";
import { Lifetime } from "./lifetime.js";
import type { Server } from "./server.js";

/** How long opening a connection may take, in milliseconds. */
const OPEN_MS = 10_000;
/** How long an answer may take, in milliseconds. */
const ANSWER_MS = 30_000;
/** Questions open at once; the server takes 64. */
const MAX_ASKED = 60;
const MAX_TURNS = 1_000;
/** What a message is larger than its payload by, at most. */
const ENVELOPE_BYTES = 512;

/** Who hears what comes in. */
export interface WireListener {
  events(events: readonly LoggedEvent[]): void;
  ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): void;
}

const EPHEMERA = [
  "presence",
  "typing",
  "heads",
  "lagging",
  "closing",
  "run.offers",
  "run.control",
  "identity.extended",
  "pairing.sent",
  "sealed.whispered",
  "sealed.granted",
  "sealed.wanted",
  "sealed_invite.answered",
] as const;

export class Wire {
  /** Ends when the connection does. */
  readonly lifetime = new Lifetime();
  /** Milliseconds since 1970 when something last came from the server. */
  heardAt = Date.now();
  /** The server's last word, if it said that it would close. */
  closing: Ephemera["closing"] | null = null;
  readonly ready: Ready;
  readonly #socket: Socket;
  /** Questions without an answer, and those that wait until there are fewer. */
  #asked = 0;
  readonly #turns: (() => void)[] = [];

  private constructor(socket: Socket, ready: Ready, listener: WireListener) {
    this.#socket = socket;
    this.ready = ready;
    socket.on("disconnect", () => {
      this.lifetime.end();
    });
    socket.onAny(() => {
      this.heardAt = Date.now();
    });
    socket.on("event", (event: LoggedEvent) => {
      listener.events([event]);
    });
    socket.on("events", (events: readonly LoggedEvent[]) => {
      listener.events(events);
    });
    for (const name of EPHEMERA) {
      socket.on(name, (message: Ephemera[typeof name]) => {
        if (name === "closing") this.closing = message as Ephemera["closing"];
        listener.ephemeral(name, message);
      });
    }
  }

  /**
   * Connects and waits for the server's `ready`. Throws YmeraError: the server's refusal, or
   * `unavailable`; also when `until` ends first.
   */
  static open(server: Server, token: string, listener: WireListener, until: Lifetime): Promise<Wire> {
    if (until.ended()) return Promise.reject(disconnected());
    const socket = io(server.origin, {
      path: `${server.prefix}/socket.io/`,
      auth: { token, protocol: PROTOCOL_VERSION },
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
    });
    return new Promise((resolve, reject) => {
      const fail = (error: YmeraError): void => {
        clearTimeout(timer);
        forget();
        socket.disconnect();
        reject(error);
      };
      const timer = setTimeout(() => {
        fail(localError("unavailable", `The server at ${server.origin} does not answer.`));
      }, OPEN_MS);
      const forget = until.onEnd(() => {
        fail(disconnected());
      });
      socket.once("connect_error", (error) => {
        fail(refusal(error, server));
      });
      socket.once("disconnect", () => {
        fail(localError("unavailable", "The server closed the connection."));
      });
      socket.once("ready", (ready: Ready) => {
        clearTimeout(timer);
        forget();
        socket.removeAllListeners();
        resolve(new Wire(socket, ready, listener));
      });
      socket.connect();
    });
  }

  /**
   * Asks, and returns the answer. Throws YmeraError: the server's refusal, `too_large`,
   * `deadline_exceeded` after `ms`, or `unavailable` when the connection ends first.
   */
  async request(name: string, payload: object, ms = ANSWER_MS): Promise<unknown> {
    this.#measure(name, payload);
    await this.#turn();
    try {
      return await this.#exchange(name, payload, ms);
    } finally {
      this.#asked -= 1;
      this.#turns.shift()?.();
    }
  }

  close(): void {
    this.#socket.disconnect();
    this.lifetime.end();
  }

  /** Refuses what the server would close the connection for. */
  #measure(name: string, payload: object): void {
    const limit = this.ready.limits.max_message_bytes - ENVELOPE_BYTES;
    const json = JSON.stringify(payload);
    if (json.length * 3 > limit && new TextEncoder().encode(json).length > limit) {
      throw localError("too_large", `${name} is larger than the ${limit} bytes that the server takes.`);
    }
  }

  /** Waits until few enough questions are open; the server refuses more. */
  #turn(): Promise<void> {
    if (this.#asked < MAX_ASKED) {
      this.#asked += 1;
      return Promise.resolve();
    }
    if (this.#turns.length >= MAX_TURNS) {
      const message = `${MAX_TURNS} requests wait for their turn; wait until some are answered.`;
      return Promise.reject(localError("rate_limited", message));
    }
    return new Promise((resolve) => {
      this.#turns.push(() => {
        this.#asked += 1;
        resolve();
      });
    });
  }

  #exchange(name: string, payload: object, ms: number): Promise<unknown> {
    if (this.lifetime.ended()) return Promise.reject(disconnected());
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        forget();
        settle();
      };
      const timer = setTimeout(() => {
        finish(() => {
          reject(localError("deadline_exceeded", `The server did not answer ${name} in time.`));
        });
      }, ms);
      const forget = this.lifetime.onEnd(() => {
        finish(() => {
          reject(disconnected());
        });
      });
      this.#socket.emit(name, payload, (ack: unknown) => {
        this.heardAt = Date.now();
        finish(() => {
          take(ack, resolve, reject);
        });
      });
    });
  }
}

/** The error of what could not be asked, or whose answer was lost, for want of a connection. */
export function disconnected(): YmeraError {
  return localError("unavailable", "There is no connection to the server.");
}

function take(ack: unknown, resolve: (result: unknown) => void, reject: (error: YmeraError) => void): void {
  const answer = (ack ?? {}) as { ok?: unknown; result?: unknown; error?: unknown };
  if (answer.ok === true) resolve(answer.result);
  else if (isErrorBody(answer.error)) reject(new YmeraError(answer.error));
  else reject(localError("internal", "The server's answer is not of this protocol."));
}

function refusal(error: Error, server: Server): YmeraError {
  const data: unknown = "data" in error ? error.data : undefined;
  if (isErrorBody(data)) return new YmeraError(data, { cause: error });
  return localError("unavailable", `The server at ${server.origin} cannot be reached.`, error);
}
