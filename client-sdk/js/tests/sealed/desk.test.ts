/** Files' bytes where the keys are: the exact fault for whatever was changed, and nothing given out before the end. */

import { expect, test } from "vitest";

import { CHUNK, OVERHEAD } from "../../src/crypto/index.js";
import { contentOf } from "../../src/files/content.js";
import { digestOf, opened, SealedContent, sealedSize, type Desk } from "../../src/sealed/files.js";
import { MemoryStore } from "../../src/sealed/store.js";
import { bytes, deskIn, file, sealed, VAULT } from "./contents.js";

const SEALED = CHUNK + OVERHEAD;
async function open(desk: Desk, blob: Parameters<typeof opened>[1], coming: Uint8Array<ArrayBuffer>) {
  const found = await opened(desk, blob, new Blob([coming]).stream(), "text/plain");
  return new Uint8Array(await found.arrayBuffer());
}

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, 40 * CHUNK])(
  "%d bytes",
  async (size) => {
    const desk = deskIn(new MemoryStore());
    const { coming, blob } = await sealed(desk, bytes(size));
    expect([coming.length, blob.size]).toEqual([sealedSize(size), size]);
    expect(Buffer.compare(await open(desk, blob, coming), bytes(size))).toBe(0);
  },
);

test("what is read again, from anywhere, is the same", async () => {
  const desk = deskIn(new MemoryStore());
  const data = bytes(40 * CHUNK + 5);
  const { coming } = await sealed(desk, data, { ...(await desk.ticket(null, null)) });
  const ticket = await desk.ticket("it", "digest");
  const source = new SealedContent(desk, contentOf(file(data)), ticket);
  const whole = Uint8Array.from(await source.read(0, sealedSize(data.length)));
  expect(Buffer.compare(whole, coming)).not.toBe(0);
  for (const [start, end] of [
    [5, 9],
    [0, 70_000],
    [1_000_000, 2_200_000],
    [999_999, 1_000_001],
  ] as const) {
    expect(Buffer.compare(await source.read(start, end), whole.subarray(start, end))).toBe(0);
  }
  const later = new SealedContent(desk, contentOf(file(data)), await desk.ticket("it", "digest"));
  expect(Buffer.compare(await later.read(2_000_000, 2_100_000), whole.subarray(2_000_000, 2_100_000))).toBe(
    0,
  );
  expect(await later.blob()).toEqual(await source.blob());
});

test("a ticket's key never meets another content, and outlives the program", async () => {
  const store = new MemoryStore();
  const first = deskIn(store);
  const [one, other] = [bytes(CHUNK), bytes(CHUNK).reverse()];
  const digests = [
    await digestOf(first, contentOf(file(one))),
    await digestOf(first, contentOf(file(other))),
  ];
  expect(digests[0]).not.toBe(digests[1]);
  const ticket = await first.ticket("moon.bin", digests[0] ?? null);
  const again = deskIn(store);
  expect(await again.ticket("moon.bin", digests[0] ?? null)).toEqual(ticket);
  const changed = await again.ticket("moon.bin", digests[1] ?? null);
  expect(new Set([ticket.key, ticket.header, ticket.objectId]).has(changed.key)).toBe(false);
  await again.forget("moon.bin");
  expect(store.kept.size).toBe(0);
});

test("a content that cannot be read any more leaves nothing begun behind", async () => {
  const desk = deskIn(new MemoryStore());
  const dropped: number[] = [];
  const watched: Desk = {
    ...desk,
    drop: (pass) => {
      dropped.push(pass);
      return desk.drop(pass);
    },
  };
  const whole = contentOf(file(bytes(20 * CHUNK)));
  const gone = (start: number, end: number): ReturnType<typeof whole.read> =>
    start === 0 ? whole.read(start, end) : Promise.reject(new Error("The file is gone."));
  const { name, size, identity } = whole;
  const content = { name, size, identity, read: gone, close: () => whole.close() };
  await expect(digestOf(watched, content)).rejects.toThrow("The file is gone.");
  expect(dropped).toHaveLength(1);
  await expect(desk.end(dropped[0] ?? 0)).rejects.toThrow();
});

test.each<readonly [string, (data: Uint8Array) => Uint8Array[], string]>([
  [
    "chunks swapped",
    (data) => [data.subarray(SEALED, 2 * SEALED), data.subarray(0, SEALED), data.subarray(2 * SEALED)],
    "file_chunk",
  ],
  [
    "a bit changed",
    (data) => [data.subarray(0, 100), data.subarray(100, 101).map((byte) => byte ^ 1), data.subarray(101)],
    "file_chunk",
  ],
  ["the first chunk gone", (data) => [data.subarray(SEALED)], "file_chunk"],
  ["cut between chunks", (data) => [data.subarray(0, 2 * SEALED)], "file_truncated"],
  ["cut within one", (data) => [data.subarray(0, -1)], "file_chunk"],
  ["nothing at all", () => [], "file_truncated"],
  ["bytes behind it", (data) => [data, new Uint8Array(SEALED)], "file_trailing"],
])("%s", async (_, change, fault) => {
  const desk = deskIn(new MemoryStore());
  const { coming, blob } = await sealed(desk, bytes(4 * CHUNK));
  const changed = new Uint8Array(
    await new Blob(change(coming).map((part) => Uint8Array.from(part))).arrayBuffer(),
  );
  await expect(open(desk, blob, changed)).rejects.toMatchObject({ code: "invalid", data: { fault } });
});

test("another file, another room, and what the message did not say", async () => {
  const desk = deskIn(new MemoryStore());
  const [one, other] = [await sealed(desk, bytes(CHUNK)), await sealed(desk, bytes(CHUNK))];
  const zeros = "A".repeat(43);
  const refused = async (blob: typeof one.blob, fault: string, through = desk): Promise<void> => {
    await expect(open(through, blob, one.coming)).rejects.toMatchObject({ data: { fault } });
  };
  await refused(other.blob, "file_chunk");
  await refused({ ...one.blob, object_id: other.blob.object_id }, "file_chunk");
  await refused({ ...one.blob, size: CHUNK + 1 }, "file_size");
  await refused({ ...one.blob, ct_hash: zeros }, "file_ciphertext");
  // Two keys that open the same ciphertext open it as two texts, of which the message has named one.
  await refused({ ...one.blob, pt_hash: zeros }, "file_plaintext");
  await refused({ ...one.blob, key: zeros }, "file_chunk");
  await refused(one.blob, "file_chunk", deskIn(new MemoryStore(), { ...VAULT, ref: new Uint8Array(32) }));
});
