/** What happened in a run, one step a line. Reports of progress and output between two others are one step. */

import type { Events, LoggedEvent, Question, RunInfo } from "@ymera/client";

import { moneyOf, percentOf } from "#/ui/amounts";

import { told, type Told } from "./told";

export type StepKind = "begin" | "work" | "ask" | "answer" | "attach" | "wait" | "fault" | "stop" | "end";

export interface Step {
  seq: number;
  at: string;
  kind: StepKind;
  /** Whose doing it is; null: the server's. */
  who: string | null;
  /** After the name of `who`. */
  says: string;
  detail: string;
  /** Of work: how many characters were written. */
  written: number;
}

/** Adds what an event tells to the steps before it. */
export function addStep(steps: Step[], event: LoggedEvent): void {
  const step = stepOf(told(event));
  if (!step) return;
  const last = steps.at(-1);
  if (step.kind !== "work" || last?.kind !== "work") {
    steps.push(step);
    return;
  }
  const written = last.written + step.written;
  const says = step.written > 0 ? last.says : step.says;
  steps[steps.length - 1] = { ...last, says, detail: step.detail || last.detail, written };
}

function stepOf(event: Told): Step | null {
  const step = (kind: StepKind, who: string | null, says: string, detail = "", written = 0): Step => ({
    seq: event.seq,
    at: event.at,
    kind,
    who,
    says,
    detail,
    written,
  });
  switch (event.type) {
    case "run.created": {
      const { run } = event.data;
      return step("begin", run.requested_by, givenOf(run));
    }
    case "run.updated":
      return updateOf(event.data, event.actor, step);
    case "run.progressed": {
      const { run } = event.data;
      const says = run.progress === null ? "went on" : `came to ${percentOf(run.progress)}`;
      return step("work", event.actor, says, run.note);
    }
    case "run.outputted":
      return step("work", event.actor, "went on", "", Array.from(event.data.text).length);
    case "run.attached":
      return step("attach", event.actor, `attached ${event.data.artifact.name}`);
    case "question.asked": {
      const { question } = event.data;
      const asks = question.kind === "approval" ? `asks to be allowed: ${question.action ?? ""}` : "asks";
      return step("ask", question.agent_id, asks, question.prompt);
    }
    case "question.closed":
      return closingOf(event.data.question, step);
    case "approval.used": {
      const { question, cost } = event.data;
      const detail = cost > 0 ? `It cost ${moneyOf(cost)}.` : "";
      return step("answer", question.agent_id, `made use of the approval: ${question.action ?? ""}`, detail);
    }
    case "run.ended":
      return endOf(event.data, event.actor, step);
    default:
      return null;
  }
}

/** What one event of a replay is, in words. */
export function captionOf(logged: LoggedEvent, nameOf: (id: string | null) => string): string {
  const event = told(logged);
  if (event.type === "run.logged") return `Log: ${event.data.message}`;
  const step = stepOf(event);
  if (!step) return event.type;
  if (step.written > 0) return `${step.written} characters of output`;
  return [`${nameOf(step.who)} ${step.says}`, step.detail].filter(Boolean).join(": ");
}

type Make = (kind: StepKind, who: string | null, says: string, detail?: string) => Step;

function givenOf(run: RunInfo): string {
  if (run.trigger_id !== null) return "had this started by a trigger";
  if (run.parent_id !== null) return "called for this";
  if (run.previous_id !== null) return "handed this over";
  return "gave this work";
}

function updateOf(
  { run, cause, note }: Events["run.updated"],
  actor: string | null,
  step: Make,
): Step | null {
  switch (cause) {
    case "started":
      return step("begin", run.agent_id, run.attempt > 1 ? `began attempt ${run.attempt}` : "began", note);
    case "requeued":
      return step(
        "fault",
        null,
        `ended attempt ${run.attempt}; there will be another`,
        note || run.error?.message,
      );
    case "restarted":
      return step("begin", actor, "had it begin anew with another input", note);
    case "canceling":
      return step("stop", actor, "stopped it", reasonOf(note));
    case "waiting":
      // A question has a step of its own.
      return run.waiting_for === null ? null : step("wait", run.agent_id, "waits for another agent", note);
    case "resumed":
      return step("begin", run.agent_id, "can go on", note);
    case "stale":
      return step("wait", run.agent_id, "has shown no progress for too long", note);
    case "changed":
      return note ? step("wait", actor, "changed it", note) : null;
  }
}

/** Without a reason the server says who stopped it, which stands there already. */
function reasonOf(note: string): string {
  return note.endsWith(" stopped it.") ? "" : note;
}

function closingOf(question: Question, step: Make): Step {
  if (question.state === "expired") return step("answer", null, "let the question expire");
  if (question.state === "withdrawn") return step("answer", null, "withdrew the question");
  return step("answer", question.answered_by, verdictOf(question), question.comment);
}

/** An answer in words, after the name of who gave it. */
export function verdictOf({ kind, answer }: Pick<Question, "kind" | "answer">): string {
  if (kind === "approval") return answer === true ? "approved it" : "denied it";
  return `answered: ${typeof answer === "string" ? answer : JSON.stringify(answer)}`;
}

function endOf({ run, note }: Events["run.ended"], actor: string | null, step: Make): Step {
  switch (run.state) {
    case "completed":
      return step("end", run.agent_id, "completed it", run.summary || note);
    case "canceled":
      return step("stop", run.agent_id ?? actor, "ended, as it was stopped", run.summary || reasonOf(note));
    case "rejected":
      return step("fault", run.agent_id ?? run.wanted_agent_id, "declined it", note || run.error?.message);
    default:
      return step("fault", run.agent_id, "failed", run.error?.message ?? note);
  }
}
