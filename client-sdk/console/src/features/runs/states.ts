/** What runs are called, and where they stand. */

import type { ErrorClass, RunInfo, RunState, WaitReason } from "@ymera/client";

export const RUN_STATE_NAMES: Readonly<Record<RunState, string>> = {
  submitted: "Waiting to start",
  working: "At work",
  "input-required": "Waits for an answer",
  "auth-required": "Waits for approval",
  completed: "Completed",
  failed: "Failed",
  canceled: "Stopped",
  rejected: "Declined",
};

/** Whether a run has come to its end, which is final. */
export function hasEnded(state: RunState): boolean {
  return state === "completed" || state === "failed" || state === "canceled" || state === "rejected";
}

/** Whether a run can be run again: it failed, was stopped or declined. */
export function canRetry(state: RunState): boolean {
  return hasEnded(state) && state !== "completed";
}

/** Where a run stands, in words: also that it is being stopped, or waits for another agent. */
export function standingOf(run: Pick<RunInfo, "state" | "canceling" | "waiting_for">): string {
  if (hasEnded(run.state)) return RUN_STATE_NAMES[run.state];
  if (run.canceling) return "Stopping…";
  if (run.waiting_for !== null) return "Waits for another agent";
  return RUN_STATE_NAMES[run.state];
}

export const CAUSE_NAMES: Readonly<Record<ErrorClass, string>> = {
  transient: "A passing fault",
  rate_limited: "A limit elsewhere",
  crashed: "The program crashed",
  lost: "The agent went silent",
  unresponsive: "The agent gave no first sign",
  invalid: "The input makes no sense to it",
  fatal: "It cannot be done",
  budget_exhausted: "A budget is spent",
  deadline_exceeded: "The deadline has passed",
  canceled: "It was stopped",
};

export const WAIT_REASON_NAMES: Readonly<Record<WaitReason, string>> = {
  blocked: "Blocked",
  behind: "Behind another",
  not_before: "Not yet",
  paused: "Paused",
  project_limit: "Project's limit",
  no_agent: "No agent",
  offline: "Agents offline",
  unresponsive: "Agents unresponsive",
  at_capacity: "Agents busy",
  rate: "Rate limit",
  budget: "Budget",
  offered: "Offered",
  next: "Next",
};

/** Reasons that do not pass by themselves: somebody has to do something. */
export function needsSomebody(reason: WaitReason): boolean {
  return ["paused", "no_agent", "offline", "unresponsive", "budget"].includes(reason);
}
