/** Files that were picked in a browser: whole and verified in their place, or as they were. */

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";

import type { Ask, DownloadOptions } from "../src/files/download.js";
import { BLOCK, land } from "../src/files/landing.js";
import { pickedLanding } from "../src/files/picked.js";
import type { FileVersion } from "../src/generated/protocol.js";
import { landSealed } from "../src/sealed/landing.js";
import { MemoryStore } from "../src/sealed/store.js";
import { bytes, deskIn, sealed } from "./sealed/contents.js";

const BEFORE = new TextEncoder().encode("what stood there");
const CONTENT = bytes(3 * BLOCK + 5);

/** What a browser gives of a file: a stream whose bytes take its place when it is closed. */
class PickedFile {
  readonly name = "moon.bin";
  content: Uint8Array = BEFORE;
  /** Streams that have neither been closed nor given up. */
  writing = 0;
  /** Why it cannot be opened. */
  closed: DOMException | null = null;
  /** Bytes that there is room for. */
  room = Infinity;
  /** Hears how many bytes were written. */
  written: (bytes: number) => void = () => undefined;

  get handle(): FileSystemFileHandle {
    return this as unknown as FileSystemFileHandle;
  }

  createWritable(): Promise<Writing> {
    if (this.closed !== null) return Promise.reject(this.closed);
    this.writing += 1;
    return Promise.resolve(new Writing(this));
  }
}

class Writing extends WritableStream<Uint8Array | null> {
  constructor(file: PickedFile) {
    let parts: Uint8Array[] = [];
    let length = 0;
    super({
      write: (part) => {
        parts = part === null ? [] : [...parts, part];
        length = part === null ? 0 : length + part.length;
        if (length > file.room) throw new DOMException("No space left.", "QuotaExceededError");
        file.written(length);
      },
      close: () => {
        file.writing -= 1;
        file.content = Buffer.concat(parts);
      },
      abort: () => {
        file.writing -= 1;
      },
    });
  }

  async write(part: Uint8Array | null): Promise<void> {
    const writer = this.getWriter();
    try {
      await writer.write(part);
    } finally {
      writer.releaseLock();
    }
  }

  async truncate(size: number): Promise<void> {
    expect(size).toBe(0);
    await this.write(null);
  }
}

/** Answers with bytes, from wherever they are asked for. */
function asking(coming: Uint8Array<ArrayBuffer>): Ask {
  return (from) => {
    const headers = { "content-length": String(coming.length - from) };
    return Promise.resolve(new Response(coming.subarray(from), { status: from > 0 ? 206 : 200, headers }));
  };
}

type Save = (file: PickedFile, options?: DownloadOptions, spoiltAt?: number) => Promise<void>;

function spoilt(coming: Uint8Array<ArrayBuffer>, at: number | undefined): Uint8Array<ArrayBuffer> {
  const other = Uint8Array.from(coming);
  if (at !== undefined) other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

const saveOpen: Save = async (file, options = {}, spoiltAt) => {
  const sha256 = createHash("sha256").update(CONTENT).digest("hex");
  const version = { bytes: CONTENT.length, sha256, name: file.name, number: 1 } as FileVersion;
  await land(pickedLanding(file.handle), version, asking(spoilt(CONTENT, spoiltAt)), options);
};

const saveSealed: Save = async (file, options = {}, spoiltAt) => {
  const desk = deskIn(new MemoryStore());
  const { coming, blob } = await sealed(desk, CONTENT);
  const ask = asking(spoilt(coming, spoiltAt));
  await landSealed({ landing: pickedLanding(file.handle), desk, blob, ask, options });
};

describe.each([
  { room: "open", save: saveOpen, fault: { code: "unavailable" } },
  { room: "sealed", save: saveSealed, fault: { code: "invalid", data: { fault: "file_chunk" } } },
])("of a room that is $room", ({ save, fault }) => {
  /** Saving it fails so, and nothing has come of it. */
  async function refused(saving: Promise<void>, file: PickedFile, error: object): Promise<void> {
    await expect(saving).rejects.toMatchObject(error);
    expect(file.content).toBe(BEFORE);
  }

  test("it is there as it was sent", async () => {
    const file = new PickedFile();
    await save(file);
    expect(Buffer.compare(file.content, CONTENT)).toBe(0);
    expect(file.writing).toBe(0);
  });

  test.each([7, 2 * BLOCK, CONTENT.length - 1])(
    "a byte that was changed at %d leaves nothing",
    async (at) => {
      const file = new PickedFile();
      await refused(save(file, {}, at), file, fault);
      expect(file.writing).toBe(0);
    },
  );

  test.each([1, 3 * BLOCK])(
    "given up after %d bytes it leaves nothing, and can be saved anew",
    async (most) => {
      const file = new PickedFile();
      const ending = new AbortController();
      const onProgress = ({ bytes }: { bytes: number }): void => {
        if (bytes >= most) ending.abort();
      };
      await refused(save(file, { signal: ending.signal, onProgress }), file, { name: "AbortError" });
      expect(file.writing).toBe(0);
      await save(file);
      expect(Buffer.compare(file.content, CONTENT)).toBe(0);
    },
  );

  test("it can be given up until all of it is written", async () => {
    const file = new PickedFile();
    const ending = new AbortController();
    file.written = (bytes) => {
      if (bytes === CONTENT.length) ending.abort();
    };
    await refused(save(file, { signal: ending.signal }), file, { name: "AbortError" });
  });

  test("a full disk is told", async () => {
    const file = new PickedFile();
    file.room = 2 * BLOCK;
    const error = { code: "limit_exceeded", message: expect.stringContaining("no room left") as string };
    await refused(save(file), file, error);
  });

  test.each([
    ["NotAllowedError", "forbidden", "may not write there any more"],
    ["NotFoundError", "not_found", "not there any more"],
    ["NoModificationAllowedError", "conflict", "something else"],
    ["InvalidStateError", "forbidden", "as the browser says"],
  ])("%s is told", async (name, code, words) => {
    const file = new PickedFile();
    file.closed = new DOMException("as the browser says", name);
    await refused(save(file), file, { code, message: expect.stringContaining(words) as string });
  });
});
