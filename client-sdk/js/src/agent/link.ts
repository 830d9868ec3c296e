/** What runs need of whoever gives them: a side of the connection's thread, or a rehearsal's stage. */

import type {
  Capability,
  CommandName,
  Commands,
  HeldRun,
  Id,
  RunControl,
  RunOffer,
} from "../generated/protocol.js";
import type { YmeraError } from "../errors.js";
import type { FileDesk } from "./files.js";

/** What a process says of itself when it connects. */
export interface Enrolment {
  readonly instance_id: Id;
  readonly host: string;
  readonly software: string;
  readonly capacity: number;
  readonly capabilities: readonly Capability[];
}

/** Where runs are: in rooms that the server reads, or in encrypted ones. */
export type Side = "open" | "sealed";

/** A run that this process has. */
export interface Lease extends HeldRun {
  readonly project_id: Id;
  readonly capability: string;
}

/** What has held up the event loop, as far as that can be seen. */
export interface Block {
  /** The run whose handler it is; null if that cannot be seen. */
  readonly lease: Lease | null;
  /** Where the program stands, the innermost call first; empty if that cannot be seen. */
  readonly stack: readonly string[];
}

/** Who hears what the server has for this process. */
export interface LinkListener {
  /** Runs that this process is offered, perhaps not for the first time. */
  offers(offers: readonly RunOffer[]): void;
  control(control: RunControl): void;
  /** These are no longer this process's. */
  lost(runs: readonly Lease[]): void;
  /** These have to stop, and report once more. */
  canceling(runs: readonly Lease[]): void;
  /** What these waited for has come. */
  answered(runs: readonly Lease[]): void;
  /** There is no connection and will be none. */
  ended(error: YmeraError): void;
}

/** What an attempt needs of whoever gave it. */
export interface Link {
  readonly files: FileDesk;
  /**
   * Sends a command until it has its final answer, over reconnects, after those of the same `lane`.
   * Rejects with YmeraError.
   */
  send<N extends CommandName>(
    name: N,
    payload: Commands[N]["payload"],
    lane?: string | null,
  ): Promise<Commands[N]["reply"]>;
  /** Keeps a lease, until `letGo`. */
  hold(lease: Lease): void;
  letGo(lease: Lease): void;
}
