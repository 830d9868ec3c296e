/** What somebody dropped, pasted or chose: files, and the folders that they lie in. */

/** A file to upload, and the folder in which it lay; empty if it was none. */
export interface Picked {
  file: File;
  folder: string;
}

/** Files of one drop; more are left out. */
export const MAX_PICKED = 5_000;

/** Whether something that is dragged, or pasted, has files. */
export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes("Files") ?? false;
}

/** Files and whole folders of a drop. To be called while its event lasts. */
export async function droppedFiles(data: DataTransfer): Promise<Picked[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = entries.length === 0 ? [...data.files] : [];
  const picked: Picked[] = loose.map((file) => ({ file, folder: "" }));
  for (const entry of entries) await collect(entry, "", picked);
  return picked;
}

/** Files of an `input`, with their folders where a whole folder was chosen. */
export function chosenFiles(files: FileList): Picked[] {
  return [...files].slice(0, MAX_PICKED).map((file) => {
    const path = file.webkitRelativePath;
    return { file, folder: path.slice(0, Math.max(0, path.lastIndexOf("/"))) };
  });
}

async function collect(entry: FileSystemEntry, folder: string, picked: Picked[]): Promise<void> {
  if (picked.length >= MAX_PICKED) return;
  if (isFile(entry)) picked.push({ file: await fileOf(entry), folder });
  else if (isFolder(entry)) {
    const inner = folder === "" ? entry.name : `${folder}/${entry.name}`;
    for (const each of await entriesOf(entry)) await collect(each, inner, picked);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A folder's entries come some at a time, until none come. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0 || all.length >= MAX_PICKED) return all;
    all.push(...some);
  }
}
