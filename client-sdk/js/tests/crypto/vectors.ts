/** The vectors that all implementations share, read once, and what comes of one here. */

import { readdirSync, readFileSync } from "node:fs";

import {
  Cx1Error,
  newestState,
  toHex,
  verifyChain,
  type Directory,
  type History,
} from "../../src/crypto/index.js";
import { CALLS, type Given } from "./calls.js";
import { byteStrings, plain, text, type Plain } from "./plain.js";
import { StepError } from "./rooms.js";

const FOLDER = new URL("../../../vectors/cx1/", import.meta.url);

/** A fault as the vectors name it, with the number of the item of a list at which it happened. */
export interface Described {
  readonly fault: string;
  readonly code: string | null;
  readonly blame: string;
  readonly at?: number;
}

/** What comes of a case. */
export type Ending = { readonly result: Plain } | { readonly error: Described };

export interface Case {
  readonly id: string;
  readonly run: string;
  readonly input: Given;
  readonly result?: Plain;
  readonly error?: Described;
}

export type Chains = Readonly<Record<string, readonly string[]>>;

/** One case, with the chains of its file. */
export interface Vector {
  readonly name: string;
  readonly case: Case;
  readonly chains: Chains;
}

interface VectorFile {
  readonly chains: Chains;
  readonly cases: readonly Case[];
}

export const VECTORS: readonly Vector[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .flatMap((name) => {
    const file = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as VectorFile;
    const stem = name.replace(".json", "");
    return file.cases.map((each) => ({ name: `${stem}-${each.id}`, case: each, chains: file.chains }));
  });

/** What comes of a case. Anything but a value or a `Cx1Error` is thrown. */
export function play({ case: { run, input }, chains }: Pick<Vector, "case" | "chains">): Ending {
  const call = CALLS.get(run);
  if (call === undefined) throw new Error(`there is no call ${run}`);
  try {
    return { result: plain(call(input, directoryOf(input["chains"], chains))) };
  } catch (error) {
    if (error instanceof StepError) return { error: { ...described(error.error), at: error.at } };
    if (error instanceof Cx1Error) return { error: described(error) };
    throw error;
  }
}

/** What the file says. */
export function expected({ case: { result, error } }: Vector): Ending {
  return error === undefined ? { result: result ?? null } : { error };
}

function described({ fault, code, blame }: Cx1Error): Described {
  return { fault, code, blame };
}

function directoryOf(names: unknown, chains: Chains): Directory {
  const named = Array.isArray(names) ? names.map(text) : [];
  const histories = named.map((name) => verified(chains[name] ?? []));
  return new Map(histories.map((history) => [toHex(newestState(history).fp), history]));
}

const HISTORIES = new Map<string, History>();

/** A chain that many cases name, verified once. */
function verified(links: readonly string[]): History {
  const key = links.join();
  const history = HISTORIES.get(key) ?? verifyChain(byteStrings(links));
  HISTORIES.set(key, history);
  return history;
}
