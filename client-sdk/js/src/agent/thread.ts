/** The handlers' side of the connection's thread. */

import { url as inspectorUrl } from "node:inspector";
import { isMainThread, Worker } from "node:worker_threads";

import { localError, YmeraError } from "../errors.js";
import type { CommandName, Commands, RunOffer } from "../generated/protocol.js";
import type { KeysLine } from "../sealed/keys.js";
import { serverDesk } from "./filedesk.js";
import type { FileDesk } from "./files.js";
import type { Address } from "./lifeline.js";
import type { Block, Enrolment, Lease, Link, Side } from "./link.js";
import type { FromConnection, Start, ToConnection } from "./messages.js";
import { beat, newPulse } from "./pulse.js";
import type { SealedListener, SealedTerms } from "./sealed.js";

/** Who hears of a thread's sides, and of what a thread alone can see. */
export interface ThreadListener extends Omit<SealedListener, "offers"> {
  /** Runs that this process is offered on a side. */
  offers(offers: readonly RunOffer[], side: Side): void;
  /** The event loop stood still; it turns again. */
  blocked(block: Block): void;
}

interface Caller {
  resolve(result: unknown): void;
  reject(error: YmeraError): void;
}

/** What goes to the thread. */
interface Post {
  tell(message: ToConnection): void;
  /** Posts a question made with an id, and resolves with its answer. Rejects with YmeraError. */
  ask(question: (id: number) => ToConnection): Promise<unknown>;
}

/** Runs of one side. */
class SideLink implements Link {
  readonly files: FileDesk;
  readonly #side: Side;
  readonly #post: Post;

  constructor(side: Side, address: Address, post: Post) {
    this.#side = side;
    this.#post = post;
    const send: Link["send"] = (name, payload) => this.send(name, payload);
    const ask = ((method, ...args) =>
      post.ask((id) => ({ kind: "ask", id, method, args }))) as KeysLine["ask"];
    this.files = side === "open" ? serverDesk(address, send) : serverDesk(address, send, { ask });
  }

  send<N extends CommandName>(
    name: N,
    payload: Commands[N]["payload"],
    lane: string | null = null,
  ): Promise<Commands[N]["reply"]> {
    const side = this.#side;
    const text = JSON.stringify(payload);
    const sent = this.#post.ask((id) => ({ kind: "send", side, id, name, payload: text, lane }));
    return sent as Promise<Commands[N]["reply"]>;
  }

  hold(lease: Lease): void {
    this.#post.tell({ kind: "hold", side: this.#side, lease });
  }

  letGo(lease: Lease): void {
    this.#post.tell({ kind: "letGo", side: this.#side, lease });
  }
}

export class ConnectionThread {
  /** Resolves when the thread has ended. */
  readonly closed: Promise<void>;
  readonly sides: Readonly<Record<Side, Link>>;
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  readonly #callers = new Map<number, Caller>();
  #sent = 0;
  #ended = false;

  private constructor(worker: Worker, address: Address, listener: ThreadListener, stopBeating: () => void) {
    const post: Post = {
      tell: (message) => {
        worker.postMessage(message);
      },
      ask: (question) => this.#ask(question),
    };
    this.sides = { open: new SideLink("open", address, post), sealed: new SideLink("sealed", address, post) };
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

  /** Connects from a thread of its own; with `sealed`, to work in encrypted rooms too. */
  static open(
    address: Address,
    enrolment: Enrolment,
    sealed: SealedTerms | null,
    listener: ThreadListener,
  ): ConnectionThread {
    const pulse = newPulse();
    // Only the main thread can be, and a debugger's own pauses are not to be meddled with.
    const pausable = isMainThread && inspectorUrl() === undefined;
    const start: Start = { address, enrolment, sealed, pulse, pausable };
    // The program's own options to Node (an `--eval`, say) make no sense to this thread.
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start, execArgv: [] });
    return new ConnectionThread(worker, address, listener, beat(pulse));
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ kind: "close" } satisfies ToConnection);
    await this.closed;
  }

  #ask(question: (id: number) => ToConnection): Promise<unknown> {
    if (this.#ended) return Promise.reject(closed());
    this.#sent += 1;
    const id = this.#sent;
    return new Promise((resolve, reject) => {
      this.#callers.set(id, { resolve, reject });
      this.#worker.postMessage(question(id));
    });
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
        this.#listener.offers(message.offers, message.side);
        break;
      case "control":
        this.#listener.control(message.control);
        break;
      case "blocked":
        this.#listener.blocked(message.block);
        break;
      case "settled":
        this.#listener.settled();
        break;
      case "warned":
        this.#listener.warned(message.message, new YmeraError(message.error));
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
