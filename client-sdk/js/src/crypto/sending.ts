/**
 * Sealing what is to be said, at the sender's place in the timeline.
 *
 * Invariant: sealing reads states and changes none. The bytes are stored with the cursor that is returned, in
 * one transaction, and sent again unchanged until the server has answered.
 */

import type { Author } from "./authoring.js";
import { padded, type Content } from "./content.js";
import { EnvelopeKind, eventHash, NOTHING, parseEnvelope, writeEnvelope, type Header } from "./envelopes.js";
import { Cx1Error } from "./errors.js";
import { takeKey, type KeyRing } from "./ratchet.js";
import { checkSpeaker, cursorOf, nextCtr, seenAt, type Cursor, type Timeline } from "./transcript.js";

/** What is to be said. `clientId` is 16 fresh random bytes. */
export interface Message {
  readonly content: Content;
  readonly clientId: Uint8Array;
  readonly sentMs: bigint;
  /** An event if not said. */
  readonly kind?: EnvelopeKind;
  readonly entityId?: Uint8Array;
  readonly baseVersion?: number;
}

/**
 * The envelope, and the device's cursor after it; `nonce` is 24 fresh random bytes.
 *
 * `cursor` is that after an envelope which was sealed and has not come back yet; else the timeline's counts.
 */
export function sealMessage(
  timeline: Timeline,
  ring: KeyRing,
  author: Author,
  message: Message,
  place: { readonly nonce: Uint8Array; readonly cursor?: Cursor },
): { readonly raw: Uint8Array; readonly cursor: Cursor } {
  const standing = place.cursor ?? cursorOf(timeline, author.deviceId);
  if (standing === undefined) {
    throw new Cx1Error("anchor", "the device's last envelope lies before the anchor; give its cursor");
  }
  const header = headerOf(timeline, author, message, standing);
  checkSpeaker(timeline.room, header);
  const { key } = takeKey(ring, header.epoch, header.deviceId, header.ctr);
  const keys = { signing: author.secret, message: key };
  const raw = writeEnvelope(keys, header, padded(message.content), place.nonce);
  const prev = eventHash(parseEnvelope(raw));
  return { raw, cursor: { epoch: header.epoch, ctr: header.ctr + 1n, prev } };
}

function headerOf(timeline: Timeline, author: Author, message: Message, standing: Cursor): Header {
  const { ref, epoch } = timeline.room;
  return {
    kind: message.kind ?? EnvelopeKind.event,
    roomRef: ref,
    epoch,
    deviceId: author.deviceId,
    ctr: nextCtr(standing, epoch),
    prev: standing.prev,
    seen: seenAt(timeline),
    clientId: message.clientId,
    entityId: message.entityId ?? NOTHING,
    baseVersion: message.baseVersion ?? 0,
    sentMs: message.sentMs,
  };
}
