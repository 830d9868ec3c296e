/** Files in sealed rooms: the same calls as in open ones, and nothing but ciphertext on the way. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { expect, inject, onTestFinished, test } from "vitest";

import type { Client, FileInfo, FileUpload } from "../../src/index.js";
import { fileContent, uploadStorage } from "../../src/node.js";
import { Cable } from "./cable.js";
import { connected, joined, newMember, until } from "./people.js";
import { alone, withKeys } from "./sealed-people.js";

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function fresh(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(size));
}

async function bytesOf(client: Client, fileId: string, number?: number): Promise<Uint8Array> {
  const options = number === undefined ? {} : { number };
  const blob = await (await client.files.download(fileId, options)).blob();
  return new Uint8Array(await blob.arrayBuffer());
}

/** What is to come of an upload for others too. */
async function known(client: Client, room: string, file: FileInfo): Promise<void> {
  const came = new Promise<void>((resolve) => {
    client.on("event", ({ type, data }) => {
      const told = data["file"] as FileInfo | undefined;
      if (type.startsWith("file.") && told?.id === file.id && told.version === file.version) resolve();
    });
  });
  await joined(client, room);
  const { items } = await client.call("file.list", { room });
  if (!items.some((each) => each.id === file.id && each.version === file.version)) await came;
}

test.each([0, 1, CHUNK, CHUNK + 1, MIB, 3 * MIB + 5])("%d bytes go up and come down", async (size) => {
  const { ada, room } = await alone();
  const bytes = fresh(size);
  async function* pieces() {
    for (let at = 0; at < size; at += 50_001) yield bytes.subarray(at, at + 50_001);
    await Promise.resolve();
  }
  for (const content of [bytes, new File([bytes], "a.bin"), pieces()]) {
    const upload = ada.files.upload(room, content, { name: "a.bin", folder: "b" });
    const file = await upload.done;
    expect(file).toMatchObject({ room, folder: "b", bytes: size, number: 1 });
    expect(same(await bytesOf(ada, file.id), bytes)).toBe(true);
  }
});

/** Two members in a room. */
async function pair(): Promise<{ readonly ada: Client; readonly grace: Client; readonly room: string }> {
  const owner = await connected();
  const [one, other] = [await newMember(owner), await newMember(owner)];
  const [ada, grace] = [await withKeys(one.token), await withKeys(other.token)];
  await ada.sealed.begin();
  await grace.sealed.begin();
  const members = [{ memberId: grace.me?.id ?? "", role: "member" as const }];
  const room = await ada.sealed.createRoom({ form: "conversation", name: "Plans", members });
  await until(grace.inbox ?? ada.sealed.status, () => grace.inbox?.get("memberships", room) !== undefined);
  return { ada, grace, room };
}

test("the other member has it, its versions and its names, by the calls of open rooms", async () => {
  const { ada, grace, room } = await pair();
  const file = await ada.files.upload(room, new File(["one"], "plan.txt", { type: "text/plain" })).done;
  expect(file).toMatchObject({ name: "plan.txt", media_type: "text/plain", kind: "text" });
  const second = await ada.files.upload(room, new File(["two"], "PLAN.txt"), { conflict: "version" }).done;
  expect([second.id, second.number]).toEqual([file.id, 2]);
  expect((await ada.files.upload(room, new File(["x"], "plan.txt")).done).name).toBe("plan (2).txt");
  await known(grace, room, second);
  expect(new TextDecoder().decode(await bytesOf(grace, file.id))).toBe("two");
  expect(new TextDecoder().decode(await bytesOf(grace, file.id, 1))).toBe("one");
  const { file: found, access } = await grace.call("file.get", { file_id: file.id });
  expect([found.number, access]).toEqual([2, "editor"]);
  expect((await grace.call("file.versions", { file_id: file.id })).items.map(({ number }) => number)).toEqual(
    [2, 1],
  );
  await grace.call("file.rename", { file_id: file.id, name: "plans.txt" });
  const { hits } = await grace.call("file.search", { query: "plans", room });
  expect(hits.map((hit) => hit.file.id)).toEqual([file.id]);
  await expect(grace.files.link(file.id)).rejects.toMatchObject({ code: "e2ee_room" });
});

test("what a file says is found by who has not downloaded it", async () => {
  const { ada, grace, room } = await pair();
  const pages =
    "<w:p><w:t>Apollo</w:t></w:p><w:lastRenderedPageBreak/><w:p><w:t>The cheese is there.</w:t></w:p>";
  const content = zipSync({ "word/document.xml": strToU8(`<w:document>${pages}</w:document>`) });
  // Whatever it is called, and whatever a browser takes it for.
  const given = new File([Uint8Array.from(content)], "plan.bin", { type: "image/png" });
  const file = await ada.files.upload(room, given).done;
  expect(file).toMatchObject({ kind: "document" });
  await known(grace, room, file);
  const { hits } = await grace.call("file.search", { query: "CHEESE plan", room });
  expect(hits).toEqual([{ file, page: 2, snippet: "The \x02cheese\x03 is there." }]);
  expect((await grace.call("file.search", { query: "cheese apollo", room })).hits).toEqual([]);
  expect(await grace.sealed.search(room, "cheese")).toEqual([
    expect.objectContaining({ collection: "files", id: file.id, file: { name: "plan.bin", page: 2 } }),
  ]);
  expect(await grace.call("file.text", { file_id: file.id, page: 2 })).toEqual({
    page: 2,
    pages: 2,
    text: "The cheese is there.\n",
  });
  await expect(grace.call("file.text", { file_id: file.id, page: 3 })).rejects.toMatchObject({
    code: "not_found",
  });
  const { description } = await grace.call("file.get", { file_id: file.id });
  expect(description).toMatchObject({ pages: 2, metadata: { word_count: 5, page_count: 2 }, error: "" });
  const bomb = zipSync({ "word/document.xml": new Uint8Array(20 * MIB) });
  const broken = await ada.files.upload(room, Uint8Array.from(bomb), { name: "bomb.docx" }).done;
  const { description: read } = await ada.call("file.get", { file_id: broken.id });
  expect(read).toMatchObject({ pages: null, error: "word/document.xml is too large to be read." });
});

test("an upload goes on in the next run where the last one stopped", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ymera-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bytes = fresh(20 * MIB);
  const path = join(folder, "moon.bin");
  await writeFile(path, bytes);
  const cable = await Cable.to(inject("url"));
  const uploads = uploadStorage(join(folder, "uploads"));
  const { ada, room, token, keys } = await alone({ url: cable.url, uploads });
  const upload: FileUpload = ada.files.upload(room, await fileContent(path));
  await until(upload.progress, () => upload.progress.get().bytes >= 9 * MIB);
  await ada.close();
  await upload.done.catch(() => undefined);
  const again = await withKeys(token, { keys, url: cable.url, uploads });
  await joined(again, room);
  const before = cable.sent;
  const file = await again.files.upload(room, await fileContent(path)).done;
  expect(cable.sent - before).toBeLessThan(13 * MIB);
  expect(same(await bytesOf(again, file.id), bytes)).toBe(true);
  expect((await again.call("file.list", { room })).items.map(({ id }) => id)).toEqual([file.id]);
});
