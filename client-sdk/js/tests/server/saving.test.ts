/** Files saved to this machine: whole and verified or not at all, and in as little memory as one likes. */

import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";

import type { Client, DownloadOptions, FileInfo } from "../../src/index.js";
import { fileLanding } from "../../src/node.js";
import { Cable } from "./cable.js";
import { connected, newMember, newProject } from "./people.js";
import { Program } from "./program.js";
import { alone } from "./sealed-people.js";

const MIB = 1024 * 1024;

/** A file that comes over a cable, and where it goes. */
interface Stand {
  readonly ada: Client;
  readonly cable: Cable;
  readonly file: FileInfo;
  readonly content: Buffer;
  /** A folder in which nothing else is. */
  readonly folder: string;
  readonly path: string;
  save(options?: DownloadOptions): Promise<void>;
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ymera-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function put(kind: string, size: number): Promise<Stand> {
  const cable = await Cable.to(inject("url"));
  const { url } = cable;
  const { ada, room } = kind === "sealed" ? await alone({ url }) : await open(url);
  const content = randomBytes(size);
  const file = await ada.files.upload(room, new Uint8Array(content), { name: "moon.bin" }).done;
  const folder = await scratch();
  const path = join(folder, "moon.bin");
  const save = (options?: DownloadOptions) => ada.files.save(file.id, fileLanding(path), options);
  return { ada, cable, file, content, folder, path, save };
}

async function open(url: string) {
  const ada = await connected({ url });
  return { ada, room: (await newProject(ada)).id };
}

/** Aborts the saving as soon as so many bytes have come. */
async function abortedAfter(stand: Stand, bytes: number): Promise<void> {
  const ending = new AbortController();
  const onProgress = (progress: { bytes: number }): void => {
    if (progress.bytes >= bytes) ending.abort();
  };
  await expect(stand.save({ signal: ending.signal, onProgress })).rejects.toMatchObject({
    name: "AbortError",
  });
}

const KINDS = ["open", "sealed"];

test.each(KINDS)(
  "a file of a room that is %s is saved as it was, of any size, and over what stood there",
  async (kind) => {
    const stand = await put(kind, 3 * MIB + 5);
    await writeFile(stand.path, "what stood there");
    await stand.save();
    expect(stand.content.equals(await readFile(stand.path))).toBe(true);
    const { room } = stand.file;
    for (const size of [0, 1, 64 * 1024, MIB]) {
      const bytes = randomBytes(size);
      const { id } = await stand.ada.files.upload(room, new Uint8Array(bytes), { name: "other.bin" }).done;
      await stand.ada.files.save(id, fileLanding(stand.path));
      expect(bytes.equals(await readFile(stand.path))).toBe(true);
    }
    expect(await readdir(stand.folder)).toEqual(["moon.bin"]);
  },
);

test.each(KINDS)(
  "of a room that is %s, what was aborted is nowhere, and goes on where it was",
  async (kind) => {
    const stand = await put(kind, 24 * MIB);
    await writeFile(stand.path, "what stood there");
    await abortedAfter(stand, 9 * MIB);
    expect(await readFile(stand.path, "utf8")).toBe("what stood there");
    const [part] = (await readdir(stand.folder)).filter((name) => name !== "moon.bin");
    const left = await stat(join(stand.folder, part ?? ""));
    expect(left.size).toBeGreaterThan(7 * MIB);
    if (kind === "sealed") expect(left.mode & 0o077).toBe(0);
    const before = stand.cable.received;
    stand.cable.cuts.push(5 * MIB);
    await stand.save();
    expect(stand.cable.received - before).toBeLessThan(stand.content.length - left.size + 2 * MIB);
    expect(stand.content.equals(await readFile(stand.path))).toBe(true);
    expect(await readdir(stand.folder)).toEqual(["moon.bin"]);
  },
);

test.each(KINDS)(
  "of a room that is %s, what was spoilt on its way is nowhere, and nothing of it is left",
  async (kind) => {
    const stand = await put(kind, 6 * MIB);
    await writeFile(stand.path, "what stood there");
    stand.cable.spoilAfter = 5 * MIB;
    const error =
      kind === "sealed" ? { code: "invalid", data: { fault: "file_chunk" } } : { code: "unavailable" };
    await expect(stand.save()).rejects.toMatchObject(error);
    expect(await readFile(stand.path, "utf8")).toBe("what stood there");
    expect(await readdir(stand.folder)).toEqual(["moon.bin"]);
    stand.cable.spoilAfter = 5 * MIB;
    const download = stand.ada.files.download(stand.file.id);
    if (kind === "sealed") await expect(download).rejects.toMatchObject(error);
    else await (await download).blob();
    await stand.save();
    expect(stand.content.equals(await readFile(stand.path))).toBe(true);
  },
);

test("what was left of an encrypted file and is not it any more is fetched anew", async () => {
  const stand = await put("sealed", 12 * MIB);
  await abortedAfter(stand, 6 * MIB);
  const [part] = (await readdir(stand.folder)).map((name) => join(stand.folder, name));
  const left = await readFile(part ?? "");
  left.writeUInt8(left.readUInt8(MIB) ^ 1, MIB);
  await writeFile(part ?? "", left);
  await stand.save();
  expect(stand.content.equals(await readFile(stand.path))).toBe(true);
  await expect(
    stand.ada.files.save(stand.file.id, fileLanding(join(stand.folder, "no/where"))),
  ).rejects.toMatchObject({ code: "ENOENT" });
});

/** Programs of one member, one after the other, whose keys and uploads are kept in a folder. */
class Runs {
  readonly folder: string;
  readonly cable: Cable;
  readonly #token: string;
  room = "";

  private constructor(folder: string, cable: Cable, token: string) {
    this.folder = folder;
    this.cable = cable;
    this.#token = token;
  }

  static async begin(): Promise<Runs> {
    const { token } = await newMember(await connected());
    const runs = new Runs(await scratch(), await Cable.to(inject("url")), token);
    const first = runs.run(`
      await client.sealed.begin();
      console.log(await client.sealed.createRoom({ form: "conversation", name: "Moon" }));
      await client.close();`);
    runs.room = await first.line();
    await first.ended;
    return runs;
  }

  /** `source` has its `client`, and `at`, which makes paths of names in the folder. */
  run(source: string): Program {
    return new Program(
      `import { Client, programToken } from "@ymera/client";
      import { fileContent, fileKeys, fileLanding, uploadStorage } from "@ymera/client/node";
      const at = (name) => ${JSON.stringify(`${this.folder}/`)} + name;
      const client = new Client({
        url: ${JSON.stringify(this.cable.url)},
        credentials: programToken(${JSON.stringify(this.#token)}),
        uploads: uploadStorage(at("uploads")),
        keys: fileKeys({ folder: at("keys"), keyFile: at("key") }),
      });
      const { status } = client.sealed;
      const stands = new Promise((resolve) => {
        status.subscribe(() => ["none", "ready"].includes(status.get().state) && resolve());
      });
      await client.connect();
      await stands;
      ${source}`,
    );
  }

  /** Uploads a file of the folder; prints how many bytes are sent, and the file's id. */
  upload(name: string): Program {
    return this.run(`
      await client.room("${this.room}").ready;
      const upload = client.files.upload("${this.room}", await fileContent(at("${name}")));
      upload.progress.subscribe(() => console.log(upload.progress.get().bytes));
      console.log((await upload.done).id);
      await client.close();`);
  }

  /** Saves a file in the folder; prints how many bytes have come, and its path. */
  save(id: string, name: string): Program {
    return this.run(`
      await client.room("${this.room}").ready;
      const onProgress = ({ bytes }) => console.log(bytes);
      await client.files.save("${id}", fileLanding(at("${name}")), { onProgress });
      console.log(at("${name}"));
      await client.close();`);
  }
}

/** Kills a program once it says that so many bytes are through. */
async function killedAt(program: Program, bytes: number): Promise<void> {
  while (!(Number(await program.line()) >= bytes));
  await program.end("SIGKILL");
}

/** What a program says that is no number of bytes. */
async function outcome(program: Program): Promise<string> {
  for (;;) {
    const line = await program.line();
    if (Number.isNaN(Number(line))) return line;
  }
}

test("whenever the program is killed, the next one goes on with what it sent, and with what it saved", async () => {
  const runs = await Runs.begin();
  const { cable, folder } = runs;
  const content = randomBytes(32 * MIB);
  await writeFile(join(folder, "moon.bin"), content);
  const { sent } = cable;
  await killedAt(runs.upload("moon.bin"), 12 * MIB);
  await killedAt(runs.upload("moon.bin"), 24 * MIB);
  const id = await outcome(runs.upload("moon.bin"));
  // At most one request's bytes are lost with each.
  expect(cable.sent - sent).toBeLessThan(content.length + 18 * MIB);
  expect(await readdir(join(folder, "uploads"))).toEqual([]);
  const { received } = cable;
  await killedAt(runs.save(id, "copy.bin"), 12 * MIB);
  await killedAt(runs.save(id, "copy.bin"), 24 * MIB);
  expect(await readdir(folder)).not.toContain("copy.bin");
  const path = await outcome(runs.save(id, "copy.bin"));
  expect(cable.received - received).toBeLessThan(content.length + 12 * MIB);
  expect(content.equals(await readFile(path))).toBe(true);
  expect((await readdir(folder)).filter((name) => name.includes(".part"))).toEqual([]);
});

/** MiB of memory that a program has at most while a file of so many bytes goes up and comes down. */
async function peak(runs: Runs, size: number): Promise<number> {
  const name = `${size}.bin`;
  await writeFile(join(runs.folder, name), "");
  // Nothing but zeros, which take no space here.
  await truncate(join(runs.folder, name), size);
  const program = runs.run(`
    await client.room("${runs.room}").ready;
    const { id } = await client.files.upload("${runs.room}", await fileContent(at("${name}"))).done;
    await client.files.save(id, fileLanding(at("copy.bin")));
    console.log(process.resourceUsage().maxRSS / 1024);
    await client.close();`);
  const found = Number(await program.line());
  await program.ended;
  expect((await stat(join(runs.folder, "copy.bin"))).size).toBe(size);
  return found;
}

test("a file eight times as large takes no more memory, up and down", { timeout: 400_000 }, async () => {
  const runs = await Runs.begin();
  const small = await peak(runs, 32 * MIB);
  expect(await peak(runs, 256 * MIB)).toBeLessThan(small + 112);
});
