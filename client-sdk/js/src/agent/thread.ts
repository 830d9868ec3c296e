/** The handlers' side of the connection's thread. */

import { url as inspectorUrl } from "node:inspector";
import { isMainThread, Worker } from "node:worker_threads";

import { localError, YmeraError } from "../errors.js";
import { Files } from "../files/files.js";
import type { CommandName, Commands } from "../generated/protocol.js";
import { Server } from "../server.js";
import { programToken, Session } from "../session.js";
import type { FileDesk } from "./files.js";
import type { Address } from "./lifeline.js";
import type { Block, Enrolment, Lease, Link, LinkListener } from "./link.js";
import type { FromConnection, Start, ToConnection } from "./messages.js";
import { beat, newPulse } from "./pulse.js";

/** Who also hears of what a thread alone can see. */
export interface ThreadListener extends LinkListener {
  /** The event loop stood still; it turns again. */
  blocked(block: Block): void;
}

interface Caller {
  resolve(result: unknown): void;
  reject(error: YmeraError): void;
}

export class ThreadLink implements Link {
  /** Resolves when the thread has ended. */
  readonly closed: Promise<void>;
  readonly files: FileDesk;
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  readonly #callers = new Map<number, Caller>();
  #sent = 0;
  #ended = false;

  private constructor(worker: Worker, address: Address, listener: ThreadListener, stopBeating: () => void) {
    this.files = this.#desk(address);
    this.#worker = worker;
    this.#listener = listener;
    worker.on("message", (message: FromConnection) => {
      this.#hear(message);
    });
    worker.on("error", (error) => {
      this.#listener.ended(localError("internal", "The connection's thread failed.", error));
    });
    this.closed = new Promise((resolve) => {
      worker.on("exit", () => {
        stopBeating();
        this.#end();
        resolve();
      });
    });
  }

  /** Connects from a thread of its own. */
  static open(address: Address, enrolment: Enrolment, listener: ThreadListener): ThreadLink {
    const pulse = newPulse();
    // Only the main thread can be, and a debugger's own pauses are not to be meddled with.
    const pausable = isMainThread && inspectorUrl() === undefined;
    const start: Start = { address, enrolment, pulse, pausable };
    // The program's own options to Node (an `--eval`, say) make no sense to this thread.
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start, execArgv: [] });
    return new ThreadLink(worker, address, listener, beat(pulse));
  }

  send<N extends CommandName>(
    name: N,
    payload: Commands[N]["payload"],
    lane: string | null = null,
  ): Promise<Commands[N]["reply"]> {
    if (this.#ended) return Promise.reject(closed());
    this.#sent += 1;
    const id = this.#sent;
    return new Promise<unknown>((resolve, reject) => {
      this.#callers.set(id, { resolve, reject });
      this.#tell({ kind: "send", id, name, payload: JSON.stringify(payload), lane });
    }) as Promise<Commands[N]["reply"]>;
  }

  hold(lease: Lease): void {
    this.#tell({ kind: "hold", lease });
  }

  letGo(lease: Lease): void {
    this.#tell({ kind: "letGo", lease });
  }

  async close(): Promise<void> {
    this.#tell({ kind: "close" });
    await this.closed;
  }

  /** Files' bytes do not go through the thread: they have a way of their own to the server. */
  #desk({ url, token }: Address): FileDesk {
    const server = new Server(url);
    const files = new Files({
      server,
      session: new Session(server, programToken(token)),
      storage: undefined,
      command: (name, payload) => this.send(name, payload),
      // The keys of sealed rooms are the client's, and no agent's.
      sealed: () => Promise.resolve(null),
      holderOf: () => Promise.resolve(null),
    });
    return {
      upload: (room, content, options) => files.upload(room, content, options).done,
      read: async (fileId, number, signal) => {
        const options = number === undefined ? { signal } : { number, signal };
        const content = await (await files.download(fileId, options)).blob();
        return new Uint8Array(await content.arrayBuffer());
      },
      list: (filter) => this.send("file.list", filter),
    };
  }

  #tell(message: ToConnection): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromConnection): void {
    switch (message.kind) {
      case "answer":
        this.#caller(message.id)?.resolve(message.result);
        break;
      case "refusal":
        this.#caller(message.id)?.reject(new YmeraError(message.error));
        break;
      case "offers":
        this.#listener.offers(message.offers);
        break;
      case "control":
        this.#listener.control(message.control);
        break;
      case "blocked":
        this.#listener.blocked(message.block);
        break;
      case "ended":
        this.#listener.ended(new YmeraError(message.error));
        void this.close();
        break;
      default:
        this.#listener[message.kind](message.leases);
    }
  }

  #caller(id: number): Caller | undefined {
    const caller = this.#callers.get(id);
    this.#callers.delete(id);
    return caller;
  }

  #end(): void {
    this.#ended = true;
    for (const caller of this.#callers.values()) caller.reject(closed());
    this.#callers.clear();
  }
}

function closed(): YmeraError {
  return localError("unavailable", "The agent has stopped.");
}
