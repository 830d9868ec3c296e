/** Members with keys, and rooms of theirs. */

import type { Client } from "../../src/index.js";
import { memoryKeys, type uploadStorage } from "../../src/node.js";
import type { Keys } from "../../src/sealed/keys.js";
import { clientOf, connected, joined, newMember } from "./people.js";

export interface Options {
  readonly keys?: Keys;
  readonly url?: string;
  readonly uploads?: ReturnType<typeof uploadStorage>;
}

/** A connected client that knows how its device stands. */
export async function withKeys(token: string, options: Options = {}): Promise<Client> {
  const client = clientOf(token, { keys: memoryKeys(), ...options });
  await client.connect();
  await client.sealed.settled();
  return client;
}

/** Ada in a room of her own, and how to get there by another client. */
export async function alone(options: Options = {}) {
  const { token } = await newMember(await connected());
  const keys = memoryKeys();
  const ada = await withKeys(token, { keys, ...options });
  await ada.sealed.begin();
  const room = await ada.sealed.createRoom({ form: "project", name: "Apollo" });
  await joined(ada, room);
  return { ada, room, token, keys };
}
