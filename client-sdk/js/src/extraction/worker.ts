/** The reading of files in a Web Worker: the entry of a module worker, which `workerReader` makes. */

import { extract } from "./extract.js";

interface Question {
  readonly content: Uint8Array;
  readonly name: string;
  readonly size: number;
}

/** What a worker sees of itself. */
interface Scope {
  readonly postMessage: (message: unknown) => void;
  onmessage: ((event: { readonly data: Question }) => void) | null;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data: { content, name, size } }) => {
  scope.postMessage(extract(content, name, size));
};
