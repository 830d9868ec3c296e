/**
 * Who is who in a room: which member an identity speaks for, as far as the server can be believed.
 *
 * Whose an identity is, is the server's word. Of several in a room at once that it gives to one member only the
 * first is taken for that member; the others are strangers, with ids of their own, until those before them are
 * gone. Invariant: nobody is given another's words, and everybody who has read the same log comes to the same.
 */

import * as cx1 from "../crypto/index.js";
import type { Directory, Known } from "./directory.js";
import { cx1Text, uuidOf } from "./names.js";

export class Naming {
  /** How often somebody has come, gone, or got another role. */
  changes = 0;
  readonly #directory: Directory;
  /** Who is in the room, in the order in which they came. */
  readonly #roles = new Map<cx1.Hex, cx1.Role>();
  /** Who is taken for a member. */
  readonly #holders = new Map<string, cx1.Hex>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** The id of whoever speaks with an identity: a member's, or a stranger's own. */
  idOf(fp: cx1.Hex): string {
    return this.#member(fp)?.memberId ?? strangerId(fp);
  }

  /** What people call them. */
  nameOf(fp: cx1.Hex): string {
    return this.#member(fp)?.name ?? `Unknown ${cx1Text(fp).slice(0, 8)}`;
  }

  /** The role of one who is in the room. */
  roleOf(fp: cx1.Hex): cx1.Role {
    return this.#roles.get(fp) ?? cx1.Role.reader;
  }

  /** Somebody is in the room, with this role. */
  enter(fp: cx1.Hex, role: cx1.Role): void {
    const came = !this.#roles.has(fp);
    this.#roles.set(fp, role);
    this.changes += 1;
    const memberId = this.#directory.about(fp)?.memberId;
    if (memberId === undefined) return;
    const holder = this.#holders.get(memberId);
    if (holder === undefined) this.#holders.set(memberId, fp);
    else if (holder !== fp && came) this.#directory.cryTwice(fp);
  }

  /** Somebody is out; the identity that is taken for the same member from now on, if there is one. */
  leave(fp: cx1.Hex): cx1.Hex | null {
    this.#roles.delete(fp);
    this.changes += 1;
    const memberId = this.#directory.about(fp)?.memberId;
    if (memberId === undefined || this.#holders.get(memberId) !== fp) return null;
    this.#holders.delete(memberId);
    for (const other of this.#roles.keys()) {
      if (this.#directory.about(other)?.memberId !== memberId) continue;
      this.#holders.set(memberId, other);
      return other;
    }
    return null;
  }

  /** What is known of who has an identity; undefined of a stranger. */
  #member(fp: cx1.Hex): Known | undefined {
    const known = this.#directory.about(fp);
    if (known === undefined) return undefined;
    return (this.#holders.get(known.memberId) ?? fp) === fp ? known : undefined;
  }
}

/** An id that no member has: a UUID of version 8, made of the identity. */
export function strangerId(fp: cx1.Hex): string {
  const id = cx1.digest("ymera/stranger", cx1.fromHex(fp)).slice(0, 16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return uuidOf(cx1.toHex(id));
}
