/** Sealed rooms as what their members make of them: who is in one, in which role, under which rules and keys. */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { isYmeraError } from "../errors.js";
import type { NewSealedRoom, SealedInviteOptions, SealedPolicy, SealedRole } from "./api.js";
import { found } from "./founding.js";
import type { Wish } from "./governing.js";
import { firstSaid } from "./outgoing.js";
import { meantOf } from "./ledger.js";
import { cx1Hex, policyWith, roleNumber } from "./names.js";
import type { Session } from "./session.js";
import { inTurn } from "./turns.js";

export class Membership {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async create(room: NewSealedRoom): Promise<string> {
    const device = this.#session.ready();
    const id = uuidv7();
    const founded = await found(device, id, room);
    const ref = cx1.roomRefOf(cx1.parseCommit(cx1.fromText(founded.genesis)));
    const [naming, named] =
      room.form === "project" ? ["project.update", { project_id: id }] : ["room.update", { room: id }];
    // The name is kept with the room: where the answer is lost, it is there all the same, and is to be called so.
    const kept = [[meantOf(id), ref], firstSaid(device, id, naming, { ...named, name: room.name })] as const;
    await device.store.write(new Map(kept));
    try {
      await device.courier("sealed.create", founded);
    } catch (error) {
      if (isYmeraError(error) && !error.retryable)
        await device.store.write(new Map(kept.map(([name]) => [name, null])));
      throw error;
    }
    await this.#session.following().include(id);
    return id;
  }

  async add(
    id: string,
    members: readonly { readonly memberId: string; readonly role: SealedRole }[],
  ): Promise<void> {
    const { directory } = this.#session.ready();
    const { governing } = this.#session.room(id);
    const fps = new Map<cx1.Hex, cx1.Role>();
    for (const { memberId, role } of members) fps.set(await directory.find(memberId), roleNumber(role));
    await this.#govern(id, ({ members: there }) =>
      [...fps].filter(([fp]) => !there.has(fp)).map(([fp, role]) => governing.addition(fp, role)),
    );
  }

  async remove(id: string, fps: readonly string[]): Promise<void> {
    const gone = fps.map(cx1Hex);
    await this.#govern(id, ({ members }) =>
      gone.filter((fp) => members.has(fp)).map((fp) => ({ op: "remove", fp: cx1.fromHex(fp) })),
    );
  }

  async setRole(id: string, fp: string, role: SealedRole): Promise<void> {
    await this.#govern(id, ({ members }) =>
      members.get(cx1Hex(fp))?.role === roleNumber(role)
        ? []
        : [{ op: "role", fp: cx1.fromText(fp), role: roleNumber(role) }],
    );
  }

  async setPolicy(id: string, changes: Partial<SealedPolicy>): Promise<void> {
    await this.#govern(id, ({ policy }) => [policyWith(policy, changes)]);
  }

  async leave(id: string): Promise<void> {
    await this.#govern(id, () => [{ op: "leave" }]);
  }

  async rotate(id: string): Promise<void> {
    await this.#govern(id, () => [{ op: "rotate" }]);
  }

  async invite(id: string, options: SealedInviteOptions): Promise<string> {
    const room = this.#session.room(id);
    return inTurn(room, this.#session.online, () => this.#session.invites().make(room, options));
  }

  async acceptInvite(link: string): Promise<string> {
    const room = await this.#session.invites().accept(link);
    await this.#session.following().remember(room);
    return room;
  }

  /** Takes a request to be added off the list, if nobody has done so yet. */
  async dismiss(id: string, request: string): Promise<void> {
    try {
      await this.#session.ready().courier("sealed_invite.dismiss", { id: request });
    } catch (error) {
      if (!isYmeraError(error, "not_found")) throw error;
    }
    await this.#session.following().attend(this.#session.room(id));
  }

  /** Tries a halted room once more. */
  async retry(id: string): Promise<void> {
    await this.#session.room(id).retry();
  }

  /** What was received where a room halted. */
  async evidence(id: string): Promise<string | null> {
    return this.#session.room(id).evidence();
  }

  /** Has a room changed as is wished, in its turn. */
  async #govern(id: string, wish: Wish): Promise<void> {
    const room = this.#session.room(id);
    await inTurn(room, this.#session.online, () => room.governing.commit(wish));
  }
}
