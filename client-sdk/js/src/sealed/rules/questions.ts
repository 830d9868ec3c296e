/**
 * Questions and approvals: asking, answering, and using what was approved.
 *
 * Nobody's clock closes a question here, so none expires. Whether an answer fits a form, the agent's process says.
 */

import {
  MAX_OPEN_QUESTIONS,
  MAX_QUESTIONS,
  type Participant,
  type Question,
  type QuestionKind,
} from "../../generated/protocol.js";
import { distinct, type About, type Contents, type Fact, type Plain } from "./about.js";
import { admitted, may } from "./access.js";
import { changed, closed, liveRun, openQuestions, resume, updated, type SealedRun } from "./endings.js";
import { invalid, limitExceeded, notFound, refusal, taken } from "./refusals.js";
import { attempt, type Report } from "./reports.js";
import { rule } from "./rule.js";
import { fresh } from "./runs.js";

/** Characters of an answer in words. */
const MAX_ANSWER = 20_000;

interface Ask extends Report {
  readonly id: string;
  readonly key: string;
  readonly prompt: string;
  readonly kind: QuestionKind;
  readonly choices: readonly string[];
  readonly form: Plain | null;
  readonly action: string | null;
  readonly arguments: Plain | null;
  readonly ceiling: number | null;
  readonly to: readonly string[];
  readonly expires_at: string | null;
}

/** Asks people; the run waits until somebody has answered. The same key is the same question. */
function ask(contents: Contents, about: About, data: Ask): readonly Fact[] {
  const run = attempt(contents, about, data);
  if (asked(contents, run.id, data.key) !== undefined) return [];
  check(data);
  checkSpace(contents, run, data.id);
  const question = newQuestion(about, run, data, whom(contents, run, data.to));
  const state = data.kind === "approval" ? "auth-required" : "input-required";
  const waiting = changed(about, run, { state, heard_at: about.at });
  return [{ type: "question.asked", data: { question } }, updated(waiting, "waiting", data.prompt)];
}

interface Answer {
  readonly question_id: string;
  readonly answer: unknown;
  readonly comment: string;
}

/** Answers what a run has asked; it goes on. */
function answer(contents: Contents, about: About, data: Answer): readonly Fact[] {
  const question = contents.get("questions", data.question_id) as Question | undefined;
  if (question === undefined) {
    const settled = contents.get("closed_questions", data.question_id) as Question | undefined;
    if (settled === undefined) throw notFound("question");
    throw refusal("conflict", `The question is ${settled.state} already.`, { current: settled });
  }
  checkMayAnswer(contents, about, question);
  checkAnswer(question, data.answer);
  const told = closed(question, {
    state: "answered",
    answer: data.answer,
    comment: data.comment,
    answered_by: about.sender,
    answered_at: about.at,
  });
  const run = liveRun(contents, question.run_id);
  const more = openQuestions(contents, question.run_id).length > 1;
  if (run === undefined || run.canceling || more) return [told];
  return [told, resume(about, run, "", { answered: true })];
}

interface Use extends Report {
  readonly question_id: string;
  readonly action: string;
  readonly arguments: Plain;
  readonly cost: number;
}

/** Checks an approval once more, right before what it is for, and uses it up. */
function useApproval(contents: Contents, about: About, data: Use): readonly Fact[] {
  const run = attempt(contents, about, data);
  const question = (contents.get("closed_questions", data.question_id) ??
    contents.get("questions", data.question_id)) as Question | undefined;
  if (question?.run_id !== run.id || question.kind !== "approval") throw notFound("approval of this run");
  const problem = unusable(question, data);
  if (problem !== null) throw refusal("forbidden", problem, { current: question });
  const used = { ...question, used_at: about.at };
  return [{ type: "approval.used", data: { question: used, cost: data.cost } }];
}

/** What a run has asked under that key, unless it was withdrawn. */
export function asked(contents: Contents, runId: string, key: string): Question | undefined {
  for (const collection of ["questions", "closed_questions"]) {
    for (const each of contents.all(collection) as Iterable<Question>) {
      if (each.run_id === runId && each.key === key && each.state !== "withdrawn") return each;
    }
  }
  return undefined;
}

/** Why an approval does not allow this, in words; null if it does. */
function unusable(question: Question, { action, arguments: given, cost }: Use): string | null {
  if (question.state !== "answered") return `The approval is ${question.state}.`;
  if (question.answer !== true) return "It was not approved.";
  if (question.used_at !== null) return "The approval was used already; ask again.";
  if (question.action !== action || !same(question.arguments, given)) {
    return "Something else was approved: the action or its arguments differ. Ask again.";
  }
  if (question.ceiling !== null && cost > question.ceiling) {
    return `This costs ${cost}; approved were at most ${question.ceiling}.`;
  }
  return null;
}

/** Whether two values are the same as JSON. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other;
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as Plain, other as Plain];
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]));
}

function check(data: Ask): void {
  const { kind, choices, form, ceiling, expires_at } = data;
  if ((kind === "choice") !== choices.length > 0) {
    throw invalid("choices", "are needed for a choice, and for nothing else.");
  }
  if ((kind === "form") !== (form !== null)) {
    throw invalid("form", "is needed for a form, and for nothing else.");
  }
  for (const field of ["action", "arguments"] as const) {
    if ((kind === "approval") !== (data[field] !== null)) {
      throw invalid(field, "is needed for an approval, and for nothing else.");
    }
  }
  if (ceiling !== null && kind !== "approval") throw invalid("ceiling", "is for approvals alone.");
  if (expires_at !== null) {
    const problem = "nothing expires in an encrypted room, where no clock is everybody's.";
    throw invalid("expires_at", problem);
  }
}

function checkSpace(contents: Contents, run: SealedRun, id: string): void {
  if (["questions", "closed_questions"].some((each) => contents.get(each, id) !== undefined)) throw taken();
  const settled = [...contents.all("closed_questions")].filter((each) => each["run_id"] === run.id);
  if (settled.length + openQuestions(contents, run.id).length >= MAX_QUESTIONS) {
    throw limitExceeded("questions of a run", MAX_QUESTIONS);
  }
  if (contents.count("questions") >= MAX_OPEN_QUESTIONS) {
    throw limitExceeded("open questions of a project", MAX_OPEN_QUESTIONS);
  }
}

/** Whom a question is for: those named, else who gave the run. */
function whom(contents: Contents, run: SealedRun, to: readonly string[]): readonly string[] {
  for (const [place, id] of to.entries()) {
    if (admitted(contents, [id]).length === 0) {
      throw invalid(`to[${place}]`, "this is nobody in the project.");
    }
  }
  if (to.length > 0) return distinct(to);
  const giver = contents.get("participants", run.requested_by) as Participant | undefined;
  return giver?.kind === "person" ? [giver.id] : [];
}

function checkMayAnswer(contents: Contents, about: About, { kind, agent_id, asked }: Question): void {
  const sender = contents.get("participants", about.sender) as Participant | undefined;
  if (kind === "approval" && sender?.kind !== "person") {
    throw refusal("forbidden", "Approvals are for people alone.");
  }
  if (about.sender === agent_id) throw refusal("forbidden", "An agent does not answer its own questions.");
  if (asked.length > 0 && !asked.includes(about.sender) && !may(about, "admin")) {
    throw refusal("forbidden", "Others were asked; a manager of the project may answer too.");
  }
}

function checkAnswer({ kind, choices }: Question, given: unknown): void {
  const text = typeof given === "string" ? given : null;
  if (kind === "text" && (text === null || Array.from(text).length > MAX_ANSWER)) {
    throw invalid("answer", `must be text of at most ${MAX_ANSWER} characters.`);
  }
  if (kind === "choice" && (text === null || !choices.includes(text))) {
    throw invalid("answer", `must be one of ${choices.join(", ")}.`);
  }
  if (kind === "approval" && typeof given !== "boolean") throw invalid("answer", "must be true or false.");
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  if (kind === "form" && !isObject) throw invalid("answer", "must be an object.");
}

function newQuestion(about: About, run: SealedRun, data: Ask, whom: readonly string[]): Question {
  const { id, key, kind, prompt, choices, form, action, ceiling } = data;
  return {
    ...{ id, key, kind, prompt, choices, form, action, ceiling },
    arguments: data.arguments,
    project_id: about.room,
    run_id: run.id,
    task_id: run.task_id,
    agent_id: about.sender,
    arguments_hash: null,
    asked: whom,
    state: "open",
    answer: null,
    comment: "",
    answered_by: null,
    created_at: about.at,
    answered_at: null,
    expires_at: null,
    used_at: null,
  };
}

export const RULES = {
  "run.ask": rule<Ask, Omit<Ask, "id">>({ apply: ask, fill: fresh }),
  "run.answer": rule<Answer>({ apply: answer }),
  "run.use_approval": rule<Use>({ apply: useApproval }),
};
