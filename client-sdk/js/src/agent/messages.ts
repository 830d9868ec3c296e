/** What an agent's two threads say to each other. Payloads cross as JSON, as they go to the server. */

import type { ErrorBody, RunControl, RunOffer } from "../generated/protocol.js";
import type { Address } from "./lifeline.js";
import type { Block, Enrolment, Lease } from "./link.js";

/** What the connection's thread is started with. */
export interface Start {
  readonly address: Address;
  readonly enrolment: Enrolment;
  readonly pulse: Int32Array;
  /** Whether the thread of the handlers can be paused to see where it stands. */
  readonly pausable: boolean;
}

export type ToConnection =
  | {
      readonly kind: "send";
      readonly id: number;
      readonly name: string;
      readonly payload: string;
      readonly lane: string | null;
    }
  | { readonly kind: "hold" | "letGo"; readonly lease: Lease }
  | { readonly kind: "close" };

export type FromConnection =
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly error: ErrorBody }
  | { readonly kind: "offers"; readonly offers: readonly RunOffer[] }
  | { readonly kind: "control"; readonly control: RunControl }
  | { readonly kind: "lost" | "canceling" | "answered"; readonly leases: readonly Lease[] }
  | { readonly kind: "blocked"; readonly block: Block }
  | { readonly kind: "ended"; readonly error: ErrorBody };
