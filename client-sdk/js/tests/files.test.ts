/** Pieces of content, the pace of bytes, and downloads that break off. */

import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import type { HttpRequest } from "tus-js-client";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { localError } from "../src/errors.js";
import { contentOf } from "../src/files/content.js";
import { download, type Ask } from "../src/files/download.js";
import { fileContent, fileLanding } from "../src/files/local.js";
import { Pace } from "../src/files/pace.js";
import { SILENCE_MS } from "../src/files/silence.js";
import { stackOn, unfailing } from "../src/files/stack.js";
import { uploadStorage } from "../src/files/unfinished.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ymera-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

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

  test("a file of this machine is read piece by piece, and refused once it has changed", async () => {
    const path = join(await scratch(), "notes.txt");
    await writeFile(path, "0123456789");
    const content = await fileContent(path);
    expect(content).toMatchObject({ name: "notes.txt", size: 10 });
    expect(text(await content.read(8, 20))).toBe("89");
    await writeFile(path, "9876543210");
    await expect(content.read(2, 8)).rejects.toMatchObject({ code: "conflict" });
    await truncate(path, 4);
    await expect(content.read(2, 8)).rejects.toMatchObject({ code: "conflict" });
    await content.close();
  });
});

describe("unfinished uploads", () => {
  const upload = { size: 1, metadata: {}, creationTime: "", uploadUrl: "/1", parallelUploadUrls: null };

  test("each is found by its fingerprint alone, also by another program, and what is spoilt is none", async () => {
    const folder = join(await scratch(), "uploads");
    const storage = uploadStorage(folder);
    expect(await storage.findAllUploads()).toEqual([]);
    const key = await storage.addUpload("a::b", { ...upload, urlStorageKey: "" });
    await Promise.all(
      ["a", "a::b::c", "b"].map((each) => storage.addUpload(each, { ...upload, urlStorageKey: "" })),
    );
    const other = uploadStorage(folder);
    expect(await other.findUploadsByFingerprint("a::b")).toEqual([{ ...upload, urlStorageKey: key }]);
    expect(await other.findAllUploads()).toHaveLength(4);
    await other.removeUpload(key);
    expect(await storage.findUploadsByFingerprint("a::b")).toEqual([]);
    // As a machine's crash, or a program's, may leave them.
    for (const name of await readdir(folder)) await truncate(join(folder, name), 0);
    await writeFile(join(folder, "b.upload.new"), "{");
    expect(await storage.findAllUploads()).toEqual([]);
  });

  test("an address that cannot be kept is told, in place of a wait without an end", async () => {
    const path = join(await scratch(), "file");
    await writeFile(path, "");
    const told: unknown[] = [];
    const storage = unfailing(uploadStorage(path), (error) => told.push(error));
    await storage.addUpload("a", { ...upload, urlStorageKey: "" });
    expect(told).toHaveLength(1);
  });

  test("a request in which nothing moves is given up", async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    let moved: (bytes: number) => void = () => undefined;
    const abort = vi.fn(() => Promise.resolve());
    const request = {
      send: () => new Promise<never>(() => undefined),
      setProgressHandler: (handler: typeof moved) => (moved = handler),
      abort,
    } as unknown as HttpRequest;
    const stack = stackOn({ getName: () => "mute", createRequest: () => request }, false);
    const sent = stack.createRequest("PATCH", "/");
    sent.setProgressHandler(() => undefined);
    const given = expect(sent.send(null)).rejects.toMatchObject({ code: "unavailable" });
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    moved(1);
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(abort).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await given;
    expect(abort).toHaveBeenCalledOnce();
  });
});

describe("landings", () => {
  test("a place is taken once, and what is secret is its owner's alone", async () => {
    const folder = await scratch();
    const path = join(folder, `${"ä".repeat(100)}.bin`);
    const landing = fileLanding(path);
    expect(await landing.open("mark", true)).toBe(0);
    await expect(fileLanding(path).open("mark", true)).rejects.toMatchObject({ code: "conflict" });
    const other = fileLanding(path);
    expect(await other.open("another", false)).toBe(0);
    await other.discard();
    await other.close();
    await landing.write(bytesOf("0123456789"));
    const [part] = (await readdir(folder)).filter((name) => name.endsWith(".part"));
    expect((await stat(join(folder, part ?? ""))).mode & 0o777).toBe(0o600);
    await landing.close();
    expect(await landing.open("mark", true)).toBe(10);
    await landing.cut(4);
    await landing.write(bytesOf("x"));
    expect(text(await landing.read(2, 5))).toBe("23x");
    await landing.finish();
    await landing.close();
    expect(await readdir(folder)).toEqual([`${"ä".repeat(100)}.bin`]);
    expect(await readFile(path, "utf8")).toBe("0123x");
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
    const gone = await download(
      (from, ...rest) => (from > 0 ? Promise.reject(refused) : ask(from, ...rest)),
      {},
    );
    await expect(gone.blob()).rejects.toBe(refused);
    const { ask: stuck } = breaking([3, 0, 0, 0, 0, 0, 0, 0]);
    await expect((await download(stuck, {})).blob()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("it stops when it is aborted", async () => {
    const { ask } = breaking([3]);
    const ending = new AbortController();
    const file = await download((from, ...rest) => {
      if (from > 0) ending.abort();
      return from > 0 ? Promise.reject(localError("unavailable", "Gone.")) : ask(from, ...rest);
    }, ending);
    await expect(file.blob()).rejects.toMatchObject({ name: "AbortError" });
  });

  /** A server that falls silent after so many bytes. */
  function silent(length: number): Ask {
    return (from) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          if (length > from) controller.enqueue(bytesOf(WHOLE.slice(from, length)));
        },
      });
      const headers = { "content-length": String(WHOLE.length - from) };
      return Promise.resolve(new Response(body, { status: from > 0 ? 206 : 200, headers }));
    };
  }

  test("a server that has fallen silent is asked anew", async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { ask, asked } = breaking([]);
    const file = await download(
      (from, ...rest) => (from > 0 ? ask(from, ...rest) : silent(4)(from, ...rest)),
      {},
    );
    const blob = file.blob();
    await vi.advanceTimersByTimeAsync(2 * SILENCE_MS);
    expect(await (await blob).text()).toBe(WHOLE);
    expect(asked.map(([from]) => from)).toEqual([4]);
    const never = download(() => new Promise<Response>(() => undefined), {});
    const refused = expect(never).rejects.toMatchObject({ code: "unavailable" });
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    await refused;
  });

  test("it stops at once when it is aborted, however silent the server is", async () => {
    const ending = new AbortController();
    const file = await download(silent(4), ending);
    const reader = file.stream.getReader();
    await reader.read();
    const next = expect(reader.read()).rejects.toMatchObject({ name: "AbortError" });
    ending.abort();
    await next;
  });
});
