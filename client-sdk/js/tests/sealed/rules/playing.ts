/** Plays scripts of commands by the rules; the counterpart of scripts/generator/rules/playing.py. */

import type { Capability } from "../../../src/generated/protocol.js";
import { isYmeraError, type YmeraError } from "../../../src/errors.js";
import {
  entity,
  erased,
  erases,
  interpret,
  prepare,
  unassigned,
  type About,
  type Contents,
  type Fact,
  FOLDS,
  type Plain,
} from "../../../src/sealed/rules/index.js";

/** What is known of a command, as scripts say it. */
export interface Known {
  readonly sender: string;
  readonly role: About["role"];
  readonly seq: number;
  readonly at: string;
  readonly room: string;
  readonly form: About["form"];
  readonly entity: string | null;
  readonly base_version: number;
  readonly newcomer: boolean;
}

export interface Step {
  readonly run: "say" | "ask" | "stub" | "part";
  readonly about: Known;
  readonly command?: { readonly type: string; readonly data: Plain };
  readonly member?: string;
  /** What agents have declared, by their ids. */
  readonly able?: Readonly<Record<string, readonly Capability[]>>;
  /** What it comes to. */
  readonly comes?: unknown;
}

export interface Script {
  readonly name: string;
  readonly contents: Readonly<Record<string, readonly Item[]>>;
  readonly steps: readonly Step[];
}

type Item = Plain & { readonly id: string };

/** All that a room holds, with nothing left out for being old. */
export class Whole implements Contents {
  readonly collections = new Map<string, Map<string, Item>>();

  constructor(contents: Script["contents"]) {
    for (const [name, items] of Object.entries(contents)) {
      this.collections.set(name, new Map(items.map((item) => [item.id, item])));
    }
  }

  get(collection: string, id: string): Plain | undefined {
    return this.collections.get(collection)?.get(id);
  }

  all(collection: string): readonly Plain[] {
    return [...(this.collections.get(collection)?.values() ?? [])];
  }

  count(collection: string): number {
    return this.collections.get(collection)?.size ?? 0;
  }

  fold(facts: readonly Fact[]): void {
    for (const { type, data } of facts) {
      for (const { step, collection, field } of FOLDS[type] ?? []) {
        const value = data[field];
        if (value !== null && value !== undefined) this.#take(step, collection, value);
      }
    }
  }

  #take(step: string, collection: string, value: unknown): void {
    const table = this.collections.get(collection) ?? new Map<string, Item>();
    this.collections.set(collection, table);
    if (step === "drop") {
      table.delete(value as string);
      return;
    }
    const item = value as Item;
    const before = table.get(item.id);
    if (step === "put") table.set(item.id, item);
    else if (before !== undefined) table.set(item.id, { ...before, ...item });
  }
}

/** The id of that number. */
export function uid(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

/** What comes of each step of a script. */
export function played(script: Script): readonly unknown[] {
  const player = new Player(script.contents);
  return script.steps.map((step) => player.play(step));
}

/** A room in which a script is played. */
export class Player {
  readonly whole: Whole;
  readonly #counted = new Map<string, number>();

  constructor(contents: Script["contents"]) {
    this.whole = new Whole(contents);
  }

  play(step: Step): unknown {
    const { base_version: baseVersion, ...known } = step.about;
    const about: About = { ...known, baseVersion };
    if (step.run === "ask") return this.#ask(step, about);
    return refusable(() => this.#told(this.#facts(step, about), about.entity));
  }

  #facts(step: Step, about: About): readonly Fact[] {
    if (step.run === "stub") return erased(this.whole, about);
    if (step.run === "part") return unassigned(this.whole, about, step.member ?? "");
    return interpret(this.whole, step.command as unknown as Plain, about);
  }

  #ask({ command, able = {} }: Step, about: About): object {
    let drawn = 0x10000 * about.seq;
    return refusable(() => {
      const asked = command ?? { type: "", data: {} };
      const made = prepare(this.whole, asked, about, {
        newId: () => uid(drawn++),
        able: (agentId) => able[agentId] ?? [],
      });
      const content = { ...made };
      const named = entity(content);
      const counted = { ...about, entity: named, baseVersion: this.#counted.get(named ?? "") ?? 0 };
      return {
        command: made,
        entity: named,
        erases: erases(this.whole, content),
        ...refusable(() => this.#told(interpret(this.whole, content, counted), named)),
      };
    });
  }

  #told(facts: readonly Fact[], named: string | null): object {
    this.whole.fold(facts);
    if (named !== null) this.#counted.set(named, (this.#counted.get(named) ?? 0) + 1);
    return { events: facts };
  }
}

function refusable(play: () => object): object {
  try {
    return play();
  } catch (error) {
    if (isYmeraError(error)) return { refusal: refusal(error) };
    throw error;
  }
}

function refusal({ code, message, data }: YmeraError): object {
  return { code, message, data };
}
