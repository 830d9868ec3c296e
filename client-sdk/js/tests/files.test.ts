/** Pieces of content, the pace of bytes, and downloads that break off. */

import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { localError } from "../src/errors.js";
import { contentOf } from "../src/files/content.js";
import { download, type Ask } from "../src/files/download.js";
import { fileContent } from "../src/files/local.js";
import { Pace } from "../src/files/pace.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("content", () => {
  test("a stream gives the same bytes whatever its chunks and however often a piece is read", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 7 }), async (parts, step) => {
        const whole = Buffer.concat(parts);
        const content = contentOf(Readable.toWeb(Readable.from(parts)) as ReadableStream<Uint8Array>);
        const read: Uint8Array[] = [];
        for (let at = 0; at <= whole.length; at += step) {
          const piece = await content.read(at, at + step);
          expect(await content.read(at, at + step)).toEqual(piece);
          expect(piece.length).toBe(Math.min(step, whole.length - at));
          read.push(piece);
        }
        expect(Buffer.concat(read)).toEqual(whole);
      }),
    );
  });

  test("what a stream has given before the last piece is gone, and said to be", async () => {
    const content = contentOf(Readable.from([bytesOf("abcd")]));
    expect(text(await content.read(0, 2))).toBe("ab");
    expect(text(await content.read(2, 4))).toBe("cd");
    await expect(content.read(1, 2)).rejects.toMatchObject({ code: "invalid" });
  });

  test("files are known again by name, size and date, other blobs by nothing", async () => {
    const named = contentOf(new File(["abc"], "a.txt", { lastModified: 5 }));
    expect(named).toMatchObject({ name: "a.txt", size: 3, identity: "a.txt 3 5" });
    expect(text(await named.read(1, 9))).toBe("bc");
    expect(contentOf(new Blob(["abc"]))).toMatchObject({ name: null, identity: null });
    expect(() => contentOf("abc" as unknown as Blob)).toThrow(/Upload a Blob/);
  });

  test("a file of this machine is read piece by piece, and refused if it shrinks", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ymera-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "notes.txt");
    await writeFile(path, "0123456789");
    const content = await fileContent(path);
    expect(content).toMatchObject({ name: "notes.txt", size: 10 });
    expect(text(await content.read(8, 20))).toBe("89");
    await truncate(path, 4);
    await expect(content.read(2, 8)).rejects.toMatchObject({ code: "invalid" });
    await content.close();
  });
});

describe("pace", () => {
  test("says how fast it goes and how long it takes, steadily", () => {
    let now = 0;
    const pace = new Pace(() => now);
    pace.reach(0);
    expect(pace.progress(1_000)).toEqual({ bytes: 0, total: 1_000, rate: 0, secondsLeft: null });
    for (now = 250; now <= 2_000; now += 250) pace.reach(now / 10);
    expect(pace.progress(1_000)).toEqual({ bytes: 200, total: 1_000, rate: 100, secondsLeft: 8 });
    now = 2_500; // a standstill of half a second does not halve the speed
    pace.reach(200);
    expect(pace.progress(1_000).rate).toBeGreaterThan(80);
  });

  test("a rest is no slowness, and bytes sent again count once", () => {
    let now = 0;
    const pace = new Pace(() => now);
    for (now = 0; now <= 1_000; now += 500) pace.reach(now);
    pace.rest();
    now = 60_000;
    pace.reach(400);
    now = 61_000;
    pace.reach(1_400);
    expect(pace.progress(null)).toEqual({ bytes: 1_400, total: null, rate: 1_000, secondsLeft: null });
  });

  test("at the end nothing is left, whatever the speed", () => {
    const pace = new Pace(() => 0);
    pace.reach(5);
    expect(pace.progress(5).secondsLeft).toBe(0);
  });
});

describe("downloads", () => {
  const WHOLE = "0123456789";

  /** Answers that break off after so many bytes, one after the other. */
  function breaking(
    lengths: number[],
    resumable = true,
  ): { ask: Ask; asked: (readonly [number, string | null])[] } {
    const asked: (readonly [number, string | null])[] = [];
    const ask: Ask = (from, etag) => {
      asked.push([from, etag]);
      const length = lengths.shift() ?? Infinity;
      const end = Math.min(from + length, WHOLE.length);
      let told = false;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (!told) controller.enqueue(bytesOf(WHOLE.slice(from, end)));
          else if (end < WHOLE.length && length % 2 === 1) controller.error(new TypeError("terminated"));
          else controller.close();
          told = true;
        },
      });
      const headers = {
        "content-length": String(WHOLE.length - from),
        etag: '"1"',
        "content-type": "text/plain",
      };
      return Promise.resolve(new Response(body, { status: from > 0 && resumable ? 206 : 200, headers }));
    };
    return { ask, asked };
  }

  test("what breaks off or ends early goes on from there, of the same version", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const { ask, asked } = breaking([3, 4]);
    const told: number[] = [];
    const file = await download(ask, { onProgress: ({ bytes }) => told.push(bytes) });
    expect(file).toMatchObject({ bytes: 10, mediaType: "text/plain" });
    const blob = await file.blob();
    expect([await blob.text(), blob.type]).toEqual([WHOLE, "text/plain"]);
    expect(asked).toEqual([
      [0, null],
      [3, '"1"'],
      [7, '"1"'],
    ]);
    expect(told).toEqual([3, 7, 10, 10]);
  });

  test("a file that has changed meanwhile is not pieced together", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const file = await download(breaking([3], false).ask, {});
    await expect(file.blob()).rejects.toMatchObject({ code: "conflict" });
  });

  test("a refusal is final, and so is an end of patience", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const refused = localError("not_found", "It was deleted.");
    const { ask } = breaking([3]);
    const gone = await download((from, etag) => (from > 0 ? Promise.reject(refused) : ask(from, etag)), {});
    await expect(gone.blob()).rejects.toBe(refused);
    const { ask: stuck } = breaking([3, 0, 0, 0, 0, 0, 0, 0]);
    await expect((await download(stuck, {})).blob()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("it stops when it is aborted", async () => {
    const { ask } = breaking([3]);
    const ending = new AbortController();
    const file = await download((from, etag) => {
      if (from > 0) ending.abort();
      return from > 0 ? Promise.reject(localError("unavailable", "Gone.")) : ask(from, etag);
    }, ending);
    await expect(file.blob()).rejects.toMatchObject({ name: "AbortError" });
  });
});
