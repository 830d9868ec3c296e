/** Files' bytes, up and down, over connections that do not last. */

import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";

import type { Client, FileUpload, UploadPhase } from "../../src/index.js";
import { fileContent, uploadStorage } from "../../src/node.js";
import { Workshop } from "./agents.js";
import { Cable } from "./cable.js";
import { connected, newMember, newProject, until } from "./people.js";

const MIB = 1024 * 1024;

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes that no room has yet. */
function fresh(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(size));
}

async function bytesOf(client: Client, fileId: string): Promise<Uint8Array> {
  const blob = await (await client.files.download(fileId)).blob();
  return new Uint8Array(await blob.arrayBuffer());
}

/** Resolves when so many bytes are through. */
function reached(upload: FileUpload, bytes: number): Promise<void> {
  return until(upload.progress, () => upload.progress.get().bytes >= bytes);
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ymera-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a file goes up and comes down as it was, with its place and its name", async () => {
  const ada = await connected();
  const { id } = await newProject(ada);
  const phases: UploadPhase[] = [];
  const content = new File(["hello ✓"], "grüße.txt");
  const upload = ada.files.upload(id, content, {
    folder: "letters/new",
    onProgress: ({ phase }) => phases.push(phase),
  });
  const file = await upload.done;
  expect(file).toMatchObject({ room: id, name: "grüße.txt", folder: "letters/new", number: 1, bytes: 9 });
  expect([phases[0], phases.at(-1)]).toEqual(["sending", "done"]);
  expect(upload.progress.get()).toMatchObject({ bytes: 9, total: 9, secondsLeft: 0, error: null });
  expect(new TextDecoder().decode(await bytesOf(ada, file.id))).toBe("hello ✓");
  const { url } = await ada.files.link(file.id);
  expect(await (await fetch(url)).text()).toBe("hello ✓");
});

test("names that are taken, versions and empty files", async () => {
  const ada = await connected();
  const { id } = await newProject(ada);
  const put = (text: string, options = {}) =>
    ada.files.upload(id, new Blob([text]), { name: "a.txt", ...options }).done;
  const first = await put("");
  expect(first.bytes).toBe(0);
  expect((await put("two")).name).toBe("a (2).txt");
  expect(await put("three", { conflict: "version" })).toMatchObject({ id: first.id, number: 2 });
  expect(await put("four", { fileId: first.id })).toMatchObject({ id: first.id, number: 3 });
  await expect(put("five", { conflict: "refuse" })).rejects.toMatchObject({ code: "conflict" });
  const old = await (await ada.files.download(first.id, { number: 2 })).blob();
  expect(await old.text()).toBe("three");
});

test("what the room has already is not sent again, for those who may read it", async () => {
  const cable = await Cable.to(inject("url"));
  const ada = await connected({ url: cable.url });
  const { id } = await newProject(ada);
  const content = fresh(2 * MIB);
  const first = await ada.files.upload(id, content, { name: "a.bin" }).done;
  const before = cable.sent;
  const second = await ada.files.upload(id, content, { name: "b.bin" }).done;
  expect(cable.sent - before).toBeLessThan(MIB);
  expect(second).toMatchObject({ name: "b.bin", sha256: first.sha256 });
  expect(second.id).not.toBe(first.id);
  expect(hashOf(await bytesOf(ada, second.id))).toBe(first.sha256);
});

test("whatever breaks on the way up, a stream arrives whole", async () => {
  const cable = await Cable.to(inject("url"));
  const ada = await connected({ url: cable.url });
  const { id } = await newProject(ada);
  const content = fresh(20 * MIB);
  const parts = function* (): Generator<Uint8Array> {
    for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
  };
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts()) controller.enqueue(part);
      controller.close();
    },
  });
  cable.cuts.push(3 * MIB, 5 * MIB, 1000, 6 * MIB);
  const phases = new Set<UploadPhase>();
  const upload = ada.files.upload(id, stream, {
    name: "stream.bin",
    onProgress: ({ phase }) => phases.add(phase),
  });
  expect(await upload.done).toMatchObject({ bytes: content.length, sha256: hashOf(content) });
  expect(cable.cuts).toEqual([]);
  expect(phases).toContain("waiting");
});

test("a paused upload sends nothing, and goes on where it was", async () => {
  const cable = await Cable.to(inject("url"));
  const ada = await connected({ url: cable.url });
  const { id } = await newProject(ada);
  const content = fresh(24 * MIB);
  const upload = ada.files.upload(id, content, { name: "paused.bin" });
  await reached(upload, 9 * MIB);
  upload.pause();
  expect(upload.progress.get()).toMatchObject({ phase: "paused", rate: 0 });
  // The server answers what came after the pause: nothing is under way any more.
  await ada.call("project.get", { project_id: id });
  const { sent } = cable;
  await ada.call("project.get", { project_id: id });
  expect(cable.sent - sent).toBeLessThan(10_000);
  upload.resume();
  upload.pause();
  upload.resume();
  expect(await upload.done).toMatchObject({ sha256: hashOf(content) });
  expect(cable.sent).toBeLessThan(content.length + 9 * MIB);
});

test("an aborted upload leaves nothing behind", async () => {
  const ada = await connected();
  const { id } = await newProject(ada);
  const ending = new AbortController();
  const upload = ada.files.upload(id, fresh(24 * MIB), { name: "a.bin", signal: ending.signal });
  await reached(upload, 9 * MIB);
  ending.abort();
  await expect(upload.done).rejects.toMatchObject({ name: "AbortError" });
  expect(upload.progress.get().phase).toBe("failed");
  await expect.poll(async () => (await ada.call("file.quota", { room: id })).room.reserved).toBe(0);
  expect((await ada.call("file.list", { room: id })).items).toEqual([]);
  const never = ada.files.upload(id, new Blob(["b"]), { name: "b.txt", signal: ending.signal });
  await expect(never.done).rejects.toMatchObject({ name: "AbortError" });
});

test("after a restart an upload goes on where it was", async () => {
  const cable = await Cable.to(inject("url"));
  const folder = await scratch();
  const path = join(folder, "large.bin");
  const content = fresh(72 * MIB);
  await writeFile(path, content);
  const uploads = uploadStorage(join(folder, "uploads"));
  const ada = await connected({ url: cable.url, uploads });
  const { id } = await newProject(ada);
  const first = ada.files.upload(id, await fileContent(path));
  await reached(first, 50 * MIB);
  await ada.close();
  await expect(first.done).rejects.toMatchObject({ code: "unavailable" });
  const again = await connected({ url: cable.url, uploads });
  const file = await again.files.upload(id, await fileContent(path)).done;
  expect(file).toMatchObject({ name: "large.bin", sha256: hashOf(content) });
  expect(cable.sent).toBeLessThan(content.length + 12 * MIB);
  expect((await again.call("file.list", { room: id })).items.length).toBe(1);
  expect(await uploads.findAllUploads()).toEqual([]);
});

test("a download that breaks off goes on from there", async () => {
  const cable = await Cable.to(inject("url"));
  const ada = await connected({ url: cable.url });
  const { id } = await newProject(ada);
  const content = fresh(6 * MIB);
  const { id: fileId } = await ada.files.upload(id, content, { name: "a.bin" }).done;
  const before = cable.received;
  cable.cuts.push(2 * MIB, 3 * MIB);
  expect(hashOf(await bytesOf(ada, fileId))).toBe(hashOf(content));
  expect(cable.cuts).toEqual([]);
  expect(cable.received - before).toBeLessThan(content.length + 2 * MIB);
});

test("strangers get nothing, and are told no more than that", async () => {
  const ada = await connected();
  const { id } = await newProject(ada);
  const { id: fileId } = await ada.files.upload(id, new Blob(["secret"]), { name: "a.txt" }).done;
  const eve = await connected({ token: (await newMember(ada)).token });
  await expect(eve.files.download(fileId)).rejects.toMatchObject({ code: "not_found" });
  await expect(eve.files.previewUrl(fileId, "thumbnail")).rejects.toMatchObject({ code: "not_found" });
  await expect(eve.files.link(fileId)).rejects.toMatchObject({ code: "not_found" });
  const intruding = eve.files.upload(id, new Blob(["?"]), { name: "a.txt" });
  await expect(intruding.done).rejects.toMatchObject({ code: "not_found" });
  expect(intruding.progress.get()).toMatchObject({ phase: "failed", error: { code: "not_found" } });
});

test("an agent reads the project's files and puts there what it has made", async () => {
  const shop = await Workshop.open();
  const given = await shop.ada.files.upload(shop.project, new Blob(["one two"]), { name: "in.txt" }).done;
  const folder = await scratch();
  await shop.employ((agent) => {
    agent.capability("copy", {}, async (run) => {
      const made: string[] = [];
      for await (const file of run.files.list({ query: "in" })) {
        const path = join(folder, "out.txt");
        await run.files.save(file.id, path);
        made.push((await run.files.upload(path, { folder: "results" })).id);
      }
      return made;
    });
  });
  const task = await shop.ada.call("task.create", { project_id: shop.project, title: "Copy" });
  const run = await shop.give("copy", { task_id: task.id });
  const [made] = (await shop.result(run.id)) as string[];
  const { file } = await shop.ada.call("file.get", { file_id: made ?? "" });
  const place = { name: "out.txt", folder: "results", run_id: run.id, task_id: task.id };
  expect(file).toMatchObject({ ...place, sha256: given.sha256 });
  const { files } = await shop.ada.call("run.get", { run_id: run.id });
  expect(files.map(({ file_id }) => file_id)).toEqual([made]);
});
