/**
 * What content means: the same to every member's client, whatever it is and whoever sent it.
 *
 * A rule depends on the contents, on what is known of the command and on the command alone; no clock, chance or
 * language has a say. What is refused changes nothing.
 */

import { ASKED, CONTENTS } from "../../generated/shapes.js";
import { messageOf, omit, type About, type Contents, type Fact, type Means, type Plain } from "./about.js";
import { may, tooLittle } from "./access.js";
import { RULES as CALLS } from "./calls.js";
import { RULES as FILES } from "./files.js";
import { RULES as HANDOVER } from "./handover.js";
import { RULES as IMPORTS } from "./imports.js";
import { RULES as MESSAGES } from "./messages.js";
import { RULES as QUESTIONS } from "./questions.js";
import { invalid, refusal } from "./refusals.js";
import { RULES as REPORTS } from "./reports.js";
import { RULES as ROOMS } from "./rooms.js";
import type { Rule } from "./rule.js";
import { RULES as RUNS } from "./runs.js";
import { RULES as TASKS } from "./tasks.js";
import { validated, type Shape } from "./validation.js";

/** Every type of content with its rule. */
const RULES: Readonly<Record<string, Rule>> = {
  ...MESSAGES,
  ...ROOMS,
  ...TASKS,
  ...IMPORTS,
  ...FILES,
  ...RUNS,
  ...REPORTS,
  ...CALLS,
  ...QUESTIONS,
  ...HANDOVER,
};
/** The id that a header has where it names nothing. */
const NOTHING = "00000000-0000-0000-0000-000000000000";

/** A command as it stands in an envelope. */
export interface SealedCommand {
  readonly type: string;
  readonly data: Plain;
}

/** What comes of a command `{type, data}`: facts, to be folded in their order. YmeraError if it is void. */
export function interpret(contents: Contents, command: Plain, about: About): readonly Fact[] {
  const { rule, data } = read(command);
  checkEntity(rule, data, about);
  checkRole(rule, about);
  return rule.apply(contents, about, data);
}

/**
 * A command of the plain protocol, with what its author chooses, as content. YmeraError where it cannot be made.
 * Whether it is then void, `interpret` says.
 */
export function prepare(
  contents: Contents,
  { type, data: asked }: { readonly type: string; readonly data: object },
  about: About,
  means: Means,
): SealedCommand {
  const rule = ruleOf(type);
  // As JSON has it: without what is undefined, and without the id that only servers know commands by.
  const plain = omit(JSON.parse(JSON.stringify(asked)) as Plain, "command_id");
  const data = validated(ASKED[type] ?? shapeOf(type), plain) as Plain;
  checkRole(rule, about);
  return { type, data: rule.fill === null ? data : rule.fill(contents, about, data, means) };
}

/** The id that the header of a command's envelope must name; null for zeros or if it is none. */
export function entity(command: Plain): string | null {
  const { type, data } = command;
  const field = typeof type === "string" && Object.hasOwn(RULES, type) ? RULES[type]?.entity : null;
  if (field == null || typeof data !== "object" || data === null) return null;
  const named = (data as Plain)[field];
  return typeof named === "string" ? named : null;
}

/** The messages whose envelopes the server may reduce to stubs, once the command stands. */
export function erases(contents: Contents, command: Plain): readonly string[] {
  const named = entity(command);
  if (named === null || RULES[String(command["type"])]?.erases !== true) return [];
  return messageOf(contents, named) === undefined ? [] : [named];
}

function read(command: Plain): { readonly rule: Rule; readonly data: Plain } {
  const { type, data, ...more } = command;
  if (typeof type !== "string" || data === undefined || Object.keys(more).length > 0) {
    throw invalid("", "must be an object with a `type`, which is text, and `data`, and nothing else.");
  }
  return { rule: ruleOf(type), data: validated(shapeOf(type), data) as Plain };
}

function ruleOf(type: string): Rule {
  const found = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  if (found === undefined) {
    const message = "This client knows no such content; it may be older than the sender's.";
    throw refusal("unknown_command", message);
  }
  return found;
}

function shapeOf(type: string): Shape {
  const shape = CONTENTS[type];
  if (shape === undefined) throw new TypeError(`${type} has a rule and no shape`);
  return shape;
}

function checkRole(rule: Rule, about: About): void {
  if (!may(about, rule.needs)) throw tooLittle(about, rule.needs);
}

function checkEntity(rule: Rule, data: Plain, about: About): void {
  const named = rule.entity === null ? null : data[rule.entity];
  if (named === NOTHING || named !== about.entity) {
    throw invalid(rule.entity ?? "", "is not about what its envelope's header names.");
  }
}
