/**
 * Invitations by link: made, answered, and the answers checked.
 *
 * Invariant: who answers is added by itself only if it proves that it was given the link's secret, for this room
 * and this identity; such a one counts as verified, and so does the inviter that the link names.
 */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError } from "../errors.js";
import type { JoinRequest } from "../generated/protocol.js";
import type { SealedInviteOptions, SealedRequest, SealedRole } from "./api.js";
import { pasted } from "./faults.js";
import { random, type RoomGround } from "./ground.js";
import { meantOf } from "./ledger.js";
import { cx1Hex } from "./names.js";
import type { SealedRoom } from "./room.js";
import { pack, unpack } from "./store.js";

/** What is kept of an invitation that this device has made. */
interface Made {
  readonly secret: cx1.Hex;
  readonly role: SealedRole;
}

const HOURS = 72;

export class Invites {
  readonly #ground: RoomGround;
  /** The address before `/i/`. */
  readonly #origin: string;

  constructor(ground: RoomGround, origin: string) {
    this.#ground = ground;
    this.#origin = origin;
  }

  /** Makes an invitation. The link; its secret part is known to this device and to who is given it. */
  async make(room: SealedRoom, options: SealedInviteOptions): Promise<string> {
    const { hours = HOURS, uses = 1, role = "member" } = options;
    const { ref } = room.settled.timeline.room;
    const [id, secret] = [uuidv7(), random(cx1.KEY)];
    const made: Made = { secret: cx1.toHex(secret), role };
    await this.#ground.store.write(new Map([[nameOf(id), pack(made)]]));
    const { fp } = this.#ground.keychain.author;
    await this.#ground.courier("sealed_invite.create", { id, room: room.id, hours, uses });
    return `${this.#origin}/i/${id}#${cx1.inviteFragment({ roomRef: ref, inviterFp: fp, secret })}`;
  }

  /** Answers an invitation. The id of its room. */
  async accept(link: string): Promise<string> {
    const found = /\/i\/([0-9a-f-]{36})#(.+)$/.exec(link.trim());
    if (found === null) throw localError("invalid", "This is no link of an invitation.");
    const [, invite_id = "", fragment = ""] = found;
    const damaged = "The link is incomplete or has been changed. Copy the whole link and open it again.";
    const invite = await pasted(() => cx1.parseFragment(fragment), damaged);
    const shown = await this.#ground.courier("sealed_invite.get", { id: invite_id });
    if (cx1Hex(shown.room_ref) !== cx1.toHex(invite.roomRef)) {
      throw localError("invalid", "The server's invitation is to another room than the link's.");
    }
    await this.#ground.store.write(new Map([[meantOf(shown.room), invite.roomRef]]));
    const own = this.#ground.keychain.author.fp;
    const proof = cx1.toText(cx1.joinProof(invite, own));
    await this.#ground.courier("sealed_invite.answer", { invite_id, fp: cx1.toText(own), proof });
    const inviter = cx1.toHex(invite.inviterFp);
    await this.#ground.directory.fetch(inviter);
    await this.#ground.directory.verify(inviter);
    return shown.room;
  }

  /** Who waits to be added. Those that prove to have had a link of this device are added at once. */
  async attend(room: SealedRoom): Promise<readonly SealedRequest[]> {
    const waiting: SealedRequest[] = [];
    for (const request of await this.#requests(room.id)) {
      if (await this.#granted(room, request)) continue;
      const { id, member_id: memberId, fp, at } = request;
      waiting.push({ id, memberId, fp, at });
    }
    return waiting;
  }

  /** Takes a request off the list, if nobody has done so yet. */
  async dismiss(request: string): Promise<void> {
    try {
      await this.#ground.courier("sealed_invite.dismiss", { id: request });
    } catch (error) {
      if (!isYmeraError(error, "not_found")) throw error;
    }
  }

  async #requests(room: string): Promise<readonly JoinRequest[]> {
    try {
      return await this.#ground.courier("sealed_invite.requests", { room });
    } catch (error) {
      if (isYmeraError(error, "forbidden") || isYmeraError(error, "role")) return [];
      throw error;
    }
  }

  /** What cannot be granted here, as by somebody who may add nobody any more, waits for others. */
  async #granted(room: SealedRoom, request: JoinRequest): Promise<boolean> {
    try {
      return await this.#admit(room, request);
    } catch (error) {
      const refused = error instanceof cx1.Cx1Error || (isYmeraError(error) && !error.retryable);
      if (refused && room.halted === null) return false;
      throw error;
    }
  }

  async #admit(room: SealedRoom, request: JoinRequest): Promise<boolean> {
    const kept = await this.#ground.store.get(nameOf(request.invite_id));
    if (kept === undefined) return false;
    const { secret, role } = unpack<Made>(kept);
    const fp = cx1Hex(request.fp);
    const invite = {
      roomRef: room.settled.timeline.room.ref,
      inviterFp: this.#ground.keychain.author.fp,
      secret: cx1.fromHex(secret),
    };
    if (!isProof(invite, fp, request.proof)) {
      await this.dismiss(request.id);
      return true;
    }
    await this.#ground.directory.fetch(fp);
    await room.governing.commit(({ members }) =>
      members.has(fp) ? [] : [room.governing.addition(fp, cx1.Role[role])],
    );
    await this.#ground.directory.verify(fp);
    await this.dismiss(request.id);
    return true;
  }
}

function isProof(invite: cx1.Invite, fp: cx1.Hex, proof: string): boolean {
  try {
    cx1.checkProof(invite, cx1.fromHex(fp), cx1.fromText(proof));
    return true;
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return false;
    throw error;
  }
}

function nameOf(id: string): string {
  return `invite/${id}`;
}
