import { expect, it } from "vitest";

import { droppedFiles } from "./dropped";

interface Fake {
  name: string;
  /** Entries of a folder, as they come; undefined: it is a file. */
  batches?: Fake[][];
}

function entry({ name, batches }: Fake): object {
  if (!batches)
    return {
      isFile: true,
      isDirectory: false,
      name,
      file: (ok: (file: File) => void) => ok(new File([], name)),
    };
  const left = [...batches, []];
  const readEntries = (ok: (entries: object[]) => void) => ok((left.shift() ?? []).map(entry));
  return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries }) };
}

function transfer(...entries: Fake[]): DataTransfer {
  const items = entries.map((each) => ({ webkitGetAsEntry: () => entry(each) }));
  return { items, files: [] } as unknown as DataTransfer;
}

it("goes through folders, however their entries come", async () => {
  const inner: Fake = { name: "b", batches: [[{ name: "3.txt" }]] };
  const folder: Fake = { name: "a", batches: [[{ name: "1.txt" }], [{ name: "2.txt" }, inner]] };
  const picked = await droppedFiles(transfer({ name: "0.txt" }, folder));
  expect(picked.map((each) => [each.folder, each.file.name])).toEqual([
    ["", "0.txt"],
    ["a", "1.txt"],
    ["a", "2.txt"],
    ["a/b", "3.txt"],
  ]);
});

it("takes files without entries as they are", async () => {
  const data = { items: [{ webkitGetAsEntry: () => null }], files: [new File([], "pasted.png")] };
  const picked = await droppedFiles(data as unknown as DataTransfer);
  expect(picked.map((each) => each.file.name)).toEqual(["pasted.png"]);
});
