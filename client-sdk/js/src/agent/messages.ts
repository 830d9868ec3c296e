/** What an agent's two threads say to each other. Payloads cross as JSON, as they go to the server. */

import type { ErrorBody, RunControl, RunOffer } from "../generated/protocol.js";
import type { Callable } from "../sealed/engine.js";
import type { Address } from "./lifeline.js";
import type { Block, Enrolment, Lease, Side } from "./link.js";
import type { SealedTerms } from "./sealed.js";

/** What the connection's thread is started with. */
export interface Start {
  readonly address: Address;
  readonly enrolment: Enrolment;
  /** Null for a process without a part in encrypted rooms. */
  readonly sealed: SealedTerms | null;
  readonly pulse: Int32Array;
  /** Whether the thread of the handlers can be paused to see where it stands. */
  readonly pausable: boolean;
}

export type ToConnection =
  | {
      readonly kind: "send";
      readonly side: Side;
      readonly id: number;
      readonly name: string;
      readonly payload: string;
      readonly lane: string | null;
    }
  | {
      /** Has whoever has the keys do something. */
      readonly kind: "ask";
      readonly id: number;
      readonly method: Callable;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "hold" | "letGo"; readonly side: Side; readonly lease: Lease }
  | { readonly kind: "close" };

export type FromConnection =
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly error: ErrorBody }
  | { readonly kind: "offers"; readonly side: Side; readonly offers: readonly RunOffer[] }
  | { readonly kind: "control"; readonly control: RunControl }
  | { readonly kind: "lost" | "canceling" | "answered"; readonly leases: readonly Lease[] }
  | { readonly kind: "blocked"; readonly block: Block }
  | { readonly kind: "settled" }
  | { readonly kind: "warned"; readonly message: string; readonly error: ErrorBody }
  | { readonly kind: "ended"; readonly error: ErrorBody };
