/** A desk for files of a sealed room, without an engine around it, and contents that were sealed there. */

import { contentOf } from "../../src/files/content.js";
import { FileDesk, type Ticket, type Vault } from "../../src/sealed/desk.js";
import { SealedContent, sealedSize, type Desk } from "../../src/sealed/files.js";
import type { Ground } from "../../src/sealed/ground.js";
import { Folded } from "../../src/sealed/rules/index.js";
import type { MemoryStore } from "../../src/sealed/store.js";

export const VAULT: Vault = {
  id: "00000000-0000-7000-8000-000000000001",
  ref: new Uint8Array(32).fill(3),
  contents: new Folded({}),
};

export function deskIn(store: MemoryStore, vault = VAULT): Desk {
  const desk = new FileDesk({ store } as unknown as Ground);
  return {
    ticket: (identity, digest) => desk.ticket(vault.id, identity, digest),
    forget: (identity) => desk.forget(vault.id, identity),
    begin: (work) => Promise.resolve(desk.begin(vault, work)),
    take: (pass, bytes, last) =>
      new Promise((resolve) => {
        resolve(desk.take(pass, bytes, last));
      }),
    end: (pass) =>
      new Promise((resolve) => {
        resolve(desk.end(pass));
      }),
    drop: (pass) => {
      desk.drop(pass);
      return Promise.resolve();
    },
  };
}

export function bytes(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => (at * 7919 + (at >> 8)) % 251);
}

export function file(data: Uint8Array<ArrayBuffer>, changed = 1): File {
  return new File([data], "moon.bin", { lastModified: changed });
}

export async function sealed(desk: Desk, data: Uint8Array<ArrayBuffer>, ticket?: Ticket) {
  const content = contentOf(file(data));
  const own = ticket ?? (await desk.ticket(null, null));
  const source = new SealedContent(desk, content, own);
  const coming = await source.read(0, sealedSize(data.length));
  return { coming: Uint8Array.from(coming), blob: await source.blob() };
}
