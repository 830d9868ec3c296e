/** What every part of a device's engine stands on: its store, its way to the server, time and random bytes. */

import sodium from "libsodium-wrappers-sumo";

import type { CommandName, Commands } from "../generated/protocol.js";
import type { Alarm } from "./api.js";
import type { SealedStore } from "./store.js";

/** Asks the server. Rejects with YmeraError. */
export type Courier = <N extends CommandName>(
  name: N,
  payload: Commands[N]["payload"],
) => Promise<Commands[N]["reply"]>;

export interface Ground {
  /** The member whose device this is. */
  readonly account: string;
  readonly store: SealedStore;
  readonly courier: Courier;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Tells the person of what no honest server does. */
  readonly alarm: (alarm: Alarm) => void;
}

/** Fresh random bytes. */
export function random(size: number): Uint8Array {
  return sodium.randombytes_buf(size);
}
