/** What is found in files: the cases that both SDKs are held to, and files that are meant to do harm. */

import { deflateRawSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { strToU8, zipSync, type Zippable } from "fflate";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";

import { extract } from "../src/extraction/extract.js";
import type { Extraction } from "../src/extraction/extraction.js";
import { wanted } from "../src/extraction/kinds.js";
import { workerReader } from "../src/extraction/reader.js";
import { MAX_SAID } from "../src/generated/shapes.js";

type Repeated = readonly [text: string, times: number];

interface Case {
  readonly name: string;
  readonly file: string;
  readonly text?: string;
  readonly base64?: string;
  readonly repeat?: Repeated;
  readonly entries?: Readonly<Record<string, string>>;
  readonly comes: Omit<Extraction, "texts"> & { readonly texts: readonly (string | Repeated)[] };
}

const PATH = new URL("../../vectors/extraction/cases.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(PATH, "utf8")) as { readonly cases: readonly Case[] };
const WORD = "word/document.xml";
/** Of processor time that the worst file may take on a busy machine. */
const SECONDS = 20;
const MORE_MEMORY = 500 * 1024 * 1024;

function packed(entries: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const bytes = Object.entries(entries).map(([name, said]) => [
    name,
    typeof said === "string" ? strToU8(said) : said,
  ]);
  return zipSync(Object.fromEntries(bytes) as Zippable);
}

function written([text, times]: Repeated): string {
  return text.repeat(times);
}

function contentOf({ text, base64, repeat, entries }: Case): Uint8Array {
  if (entries !== undefined) return packed(entries);
  if (base64 !== undefined) return Uint8Array.from(Buffer.from(base64, "base64"));
  return strToU8(repeat === undefined ? (text ?? "") : written(repeat));
}

/** What is found, as whoever uploads asks for it. */
function found(content: Uint8Array, name = "file"): Extraction {
  const head = content.subarray(0, 65_536);
  return extract(content.subarray(0, wanted(head, content.length)), name, content.length);
}

test.each(cases)("$name", (each) => {
  const texts = each.comes.texts.map((text) => (typeof text === "string" ? text : written(text)));
  expect(found(contentOf(each), each.file)).toEqual({ ...each.comes, texts });
});

/** A package that says that its document has ten bytes, which has a gigabyte. */
function bomb(): Uint8Array {
  const whole = zipSync({ [WORD]: [strToU8("0123456789"), { level: 0 }] });
  const squeezed = deflateRawSync(new Uint8Array(1024 * 1024 * 1024));
  const start = 30 + WORD.length;
  const made = Buffer.concat([whole.subarray(0, start), squeezed, whole.subarray(start + 10)]);
  made.writeUInt16LE(8, 8);
  made.writeUInt32LE(squeezed.length, 18);
  return made;
}

const cell = "<c t='s'><v>0</v></c>";
const HOSTILE: Readonly<Record<string, () => Uint8Array>> = {
  "a bomb that lies about its size": bomb,
  "a bomb that says its size": () => packed({ [WORD]: "<w:t>" + " ".repeat(50_000_000) }),
  "many parts": () =>
    packed({
      "ppt/presentation.xml": "",
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [`ppt/slides/slide${n}.xml`, "<a:t>" + "a".repeat(10_000_000)]),
      ),
    }),
  "many entries": () => packed(Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [String(n), ""]))),
  "many tags": () => packed({ [WORD]: "<a>".repeat(5_000_000) }),
  "long tags": () => packed({ [WORD]: ("<c " + "r ".repeat(2_000_000) + ">").repeat(3) }),
  "one text in many cells": () =>
    packed({
      "xl/workbook.xml": "<sheet name='a'/>",
      "xl/sharedStrings.xml": `<sst><si><t>${"moon ".repeat(10_000)}</t></si></sst>`,
      "xl/worksheets/sheet1.xml": `<row>${cell.repeat(100)}</row>`.repeat(2_500),
    }),
  "comments that do not end": () => packed({ [WORD]: "<!--".repeat(4_000_000) }),
  "entities without end": () => packed({ [WORD]: "<w:t>" + "&#".repeat(8_000_000) }),
  "a page of brackets": () => strToU8("<html>" + "<".repeat(1_000_000)),
  "a page of comments": () => strToU8("<html>" + "<!--".repeat(250_000)),
  "scripts in scripts": () => strToU8("<html>" + "<script>".repeat(130_000)),
  "white space": () => strToU8("<html>" + " \n".repeat(500_000)),
  "a package that was cut off": () => packed({ [WORD]: "<w:t>moon</w:t>" }).subarray(0, 50),
  "beginnings of packages": () => strToU8("PK\x03\x04".repeat(1_000_000)),
  "a large text": () => strToU8("moon ".repeat(20_000_000)),
};

test.each(Object.entries(HOSTILE))("%s takes neither long nor much", { timeout: 60_000 }, (_, make) => {
  const content = make();
  const memory = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const extraction = found(content);
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(SECONDS);
  expect(process.memoryUsage().rss - memory).toBeLessThan(MORE_MEMORY);
  expect(extraction.texts.join("").length).toBeLessThanOrEqual(MAX_SAID);
  expect(extraction.error === "" || !extraction.whole).toBe(true);
});

test("a bomb is no more than an error", { timeout: 60_000 }, () => {
  expect(found(bomb())).toMatchObject({ texts: [], whole: false, error: `${WORD} is too large to be read.` });
});

test("a worker that does not answer is ended, and the next file has another one", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const ended: number[] = [];
  let made = 0;
  const read = workerReader({
    worker: () => {
      const number = (made += 1);
      const worker = {
        onmessage: null as ((event: { readonly data: Extraction }) => void) | null,
        postMessage({ content, name, size }: { content: Uint8Array; name: string; size: number }) {
          if (number > 1) this.onmessage?.({ data: extract(content, name, size) });
        },
        terminate: () => ended.push(number),
      };
      return worker as unknown as Worker;
    },
  });
  const given = packed({ [WORD]: "<w:t>moon</w:t>" }).slice();
  const readings = [read(given, "one", given.length), read(given, "two", given.length)];
  await vi.advanceTimersByTimeAsync(60_000);
  const [one, two] = await Promise.all(readings);
  expect(one).toMatchObject({ media_type: "application/zip", error: "Reading it took too long." });
  expect(two).toMatchObject({ texts: ["moon"], error: "" });
  expect([ended, made, given.length > 0]).toEqual([[1], 2, true]);
});

test("broken packages are read as far as they go", () => {
  const packages = cases.filter(({ entries }) => entries !== undefined);
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.constantFrom(...packages), fc.array(change, { maxLength: 20 }), (each, changes) => {
      const content = contentOf(each);
      for (const [place, byte] of changes) content[place % content.length] = byte;
      expect(found(content, each.file).media_type).not.toBe("");
    }),
    { numRuns: 300 },
  );
});
