/** What every part of a device's engine stands on: its store, its way to the server, time and random bytes. */

import sodium from "libsodium-wrappers-sumo";

import type { Epoch } from "../crypto/epochs.js";
import type { CommandName, Commands } from "../generated/protocol.js";
import type { Alarm } from "./api.js";
import type { Backups } from "./backup.js";
import type { Directory } from "./directory.js";
import type { Keychain } from "./keychain.js";
import type { SealedStore } from "./store.js";
import type { Verifier } from "./verifier.js";

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

/** What every room of a device stands on. */
export interface RoomGround extends Ground {
  readonly directory: Directory;
  readonly keychain: Keychain;
  readonly backups: Backups;
  /** Checks signatures beside it all; null where that is not to be had. */
  readonly verifier: Verifier | null;
  /** The secret of an epoch that came with the backup, or from the device that has linked this one. */
  secretOf(epoch: Epoch): Uint8Array | undefined;
}

/** Fresh random bytes. */
export function random(size: number): Uint8Array {
  return sodium.randombytes_buf(size);
}
