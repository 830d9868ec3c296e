/**
 * What an envelope encrypts: a type and data, padded; and when such data can be read at all.
 *
 * The rules for JSON are those that every implementation can hold to alike: strict UTF-8 without a mark, one
 * object, no number that is not a finite double, at most 64 levels.
 */

import { EnvelopeKind, type Envelope } from "./envelopes.js";
import { check, Cx1Error } from "./errors.js";
import { decrypt, pad, unpad } from "./primitives.js";
import { concat, Reader, u32, u64, u8 } from "./wire.js";

const MAX_DEPTH = 64;

/** How the data is to be read. */
export const ContentType = { json: 1, crdt: 2 } as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

const TYPES: Readonly<Record<EnvelopeKind, Readonly<Record<string, ContentType>>>> = {
  [EnvelopeKind.event]: { json: ContentType.json },
  [EnvelopeKind.update]: { crdt: ContentType.crdt },
  [EnvelopeKind.snapshot]: { crdt: ContentType.crdt },
  [EnvelopeKind.ephemeral]: ContentType,
};

/** What was sent. JSON data has been found readable; `jsonObject` reads it. */
export interface Content {
  readonly type: ContentType;
  readonly data: Uint8Array;
}

/** The whole of a document, up to and with the event at `coversSeq`. */
export interface Snapshot {
  readonly coversSeq: bigint;
  readonly stateVector: Uint8Array;
  readonly state: Uint8Array;
}

/** The bytes to encrypt. */
export function padded(content: Content): Uint8Array {
  return pad(concat(u8(content.type), content.data));
}

/** Decrypts and reads. Whatever fails is the sender's fault, who alone could have made it. */
export function openContent(envelope: Envelope, key: Uint8Array): Content {
  const plaintext = decrypt(key, envelope.nonce, envelope.ciphertext, envelope.head, "aead");
  return readContent(envelope.header.kind, plaintext);
}

/** Reads what was decrypted. */
export function readContent(kind: EnvelopeKind, plaintext: Uint8Array): Content {
  const content = blaming("the content is malformed", new Reader(unpad(plaintext)), (reader) => ({
    type: reader.choice(TYPES[kind], "the type of content"),
    data: reader.fixed(reader.left),
  }));
  if (content.type === ContentType.json) jsonObject(content.data);
  if (kind === EnvelopeKind.snapshot) readSnapshot(content.data);
  return content;
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one JSON object, as strictly as every implementation does. */
export function jsonObject(data: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string;
  let value: unknown;
  try {
    text = STRICT.decode(data);
    value = JSON.parse(text);
  } catch {
    throw new Cx1Error("content", "the content is no JSON");
  }
  checkTokens(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Cx1Error("content", "the content is no JSON object");
  }
  return value as Readonly<Record<string, unknown>>;
}

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { coversSeq, stateVector, state } = snapshot;
  return concat(u64(coversSeq), u32(stateVector.length), stateVector, u32(state.length), state);
}

/** Reads the content of a snapshot. */
export function readSnapshot(data: Uint8Array): Snapshot {
  return blaming("the snapshot is malformed", new Reader(data), (reader) => {
    const snapshot = {
      coversSeq: reader.u64(),
      stateVector: reader.fixed(reader.u32()),
      state: reader.fixed(reader.u32()),
    };
    reader.end();
    return snapshot;
  });
}

/** Reads something that only its sender can have spoilt, so that the room goes on if it is. */
function blaming<T>(what: string, reader: Reader, read: (reader: Reader) => T): T {
  try {
    return read(reader);
  } catch (error) {
    if (error instanceof Cx1Error) throw new Cx1Error("content", `${what}: ${error.detail}`);
    throw error;
  }
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{\]}]|-?\d[\d.eE+-]*/g;

/**
 * Refuses numbers and depths that not every reader takes, in a text that is JSON.
 *
 * The text is looked at and not the value, which no longer shows a name that is there twice.
 */
function checkTokens(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "[" || token === "{") {
      depth += 1;
      check(depth <= MAX_DEPTH, "content", `the content is nested over ${MAX_DEPTH} levels`);
    } else if (token === "]" || token === "}") {
      depth -= 1;
    } else if (!token.startsWith('"')) {
      check(Number.isFinite(Number(token)), "content", "the content has a number that is not finite");
    }
  }
}
