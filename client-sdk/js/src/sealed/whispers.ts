/**
 * What is said in passing in a sealed room: that somebody still works, for one. Nobody keeps it.
 *
 * Invariant: whatever is wrong with a whisper, it is dropped, and nothing else happens. None is heard twice, none
 * that is over two minutes off, and none but those of devices of members that may post.
 */

import * as cx1 from "../crypto/index.js";
import type { Whisper } from "./channel.js";
import { random } from "./ground.js";
import type { SealedRoom } from "./room.js";
import type { Plain } from "./rules/index.js";

/** Those of one room. */
export class Whispers {
  readonly #room: SealedRoom;
  /** When each device has sent its newest, by its own clock. */
  #last: cx1.LastSent = new Map();
  #sent = 0;

  constructor(room: SealedRoom) {
    this.#room = room;
  }

  /** Says something to the members who listen now. */
  async say(content: Plain): Promise<void> {
    const room = this.#room;
    await room.opened;
    room.checkHalt();
    const { timeline, ring } = room.settled;
    // Two in one millisecond would be one and a replay.
    this.#sent = Math.max(room.ground.now(), this.#sent + 1);
    const message = {
      content: { type: cx1.ContentType.json, data: cx1.utf8(JSON.stringify(content)) },
      clientId: random(cx1.ID),
      sentMs: BigInt(this.#sent),
    };
    const place = { seen: cx1.seenAt(timeline), nonce: random(cx1.NONCE) };
    const raw = cx1.sealEphemeral(timeline.room, ring, room.author, message, place);
    await room.ground.courier("sealed.whisper", { room: room.id, envelope: cx1.toText(raw) });
  }

  /** What was said, if it counts. */
  hear(envelope: string): Whisper | null {
    const { standing } = this.#room.ledger;
    if (standing === null) return null;
    const { room } = standing.timeline;
    try {
      const now = BigInt(this.#room.ground.now());
      const raw = cx1.fromText(envelope);
      const heard = cx1.receiveEphemeral(room, standing.ring, raw, this.#last, now);
      // Devices that are gone cannot be heard any more.
      this.#last = new Map([...heard.last].filter(([device]) => room.active.has(device)));
      if (heard.content.type !== cx1.ContentType.json) return null;
      const { fp } = cx1.checkSpeaker(room, heard.envelope.header);
      const content = cx1.jsonObject(heard.content.data);
      const memberId = this.#room.reading.naming.idOf(cx1.toHex(fp));
      return { room: this.#room.id, memberId, fp: cx1.toText(fp), content };
    } catch (error) {
      if (error instanceof cx1.Cx1Error) return null;
      throw error;
    }
  }
}
