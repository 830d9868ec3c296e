/** Lists that come in pages, read as one. */

import type { Commands, Page } from "./generated/protocol.js";

/** The commands whose reply is a page. */
export type PagedCommand = {
  [N in keyof Commands]: Commands[N]["reply"] extends Page<unknown> ? N : never;
}[keyof Commands];

/** What the pages of a command are made of. */
export type ItemOf<N extends PagedCommand> = Commands[N]["reply"] extends Page<infer T> ? T : never;

/** Every item of a list, page after page; each page is asked for when the one before is used up. */
export async function* pages<T>(ask: (cursor: string | null) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await ask(cursor);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}
