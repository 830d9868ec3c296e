/** The secrets that another device has handed over when it linked this one, until their rooms' logs have them. */

import * as cx1 from "../crypto/index.js";
import type { Ground } from "./ground.js";
import { pack, unpack } from "./store.js";

export class Linked {
  readonly #ground: Ground;
  #secrets: ReadonlyMap<string, cx1.Hex> = new Map();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Takes up what the store has. */
  async load(): Promise<void> {
    const kept = await this.#ground.store.get("linked");
    if (kept !== undefined) this.#secrets = new Map(Object.entries(unpack<Record<string, cx1.Hex>>(kept)));
  }

  async keep(secrets: readonly cx1.RoomSecret[]): Promise<void> {
    const named = secrets.map(
      ({ roomRef, epoch, secret }) => [nameOf({ roomRef, number: epoch }), cx1.toHex(secret)] as const,
    );
    await this.#ground.store.write(new Map([["linked", pack(Object.fromEntries(named))]]));
    this.#secrets = new Map(named);
  }

  /** The secret that was handed over for an epoch; whether it is the right one its room's log says. */
  secretOf(epoch: cx1.EpochName): Uint8Array | undefined {
    const secret = this.#secrets.get(nameOf(epoch));
    return secret === undefined ? undefined : cx1.fromHex(secret);
  }
}

function nameOf({ roomRef, number }: cx1.EpochName): string {
  return `${cx1.toHex(roomRef)} ${number}`;
}
