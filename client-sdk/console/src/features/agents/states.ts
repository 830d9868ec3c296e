/** What agents' states are called, and how they show. */

import type { AgentState, AgentStatus, CostClass, SecondRun } from "@ymera/client";

export const AGENT_STATE_NAMES: Readonly<Record<AgentState, string>> = {
  registered: "Never connected",
  online: "Ready",
  busy: "At work",
  draining: "Finishing up",
  offline: "Offline",
  retired: "Retired",
};

export const AGENT_STATE_TONES = {
  registered: "plain",
  online: "good",
  busy: "accent",
  draining: "warn",
  offline: "plain",
  retired: "plain",
} as const satisfies Readonly<Record<AgentState, string>>;

export const COST_NAMES: Readonly<Record<CostClass, string>> = {
  free: "Free",
  low: "Low cost",
  medium: "Medium cost",
  high: "High cost",
};

export const SECOND_NAMES: Readonly<Record<SecondRun, string>> = {
  reject: "is refused",
  enqueue: "waits its turn",
  interrupt: "stops the first one",
  restart: "restarts the first one",
};

/** `2 at work, 1 waits`; empty if it does nothing. */
export function doingOf({ running, waiting }: Pick<AgentStatus, "running" | "waiting">): string {
  const parts = [];
  if (running > 0) parts.push(`${running} at work`);
  if (waiting > 0) parts.push(waiting === 1 ? "1 waits" : `${waiting} wait`);
  return parts.join(", ");
}

/** What is wrong with an agent's processes, in words; empty if nothing is. */
export function troubleOf({ instances }: Pick<AgentStatus, "instances">): string {
  const unresponsive = instances.filter((instance) => instance.unresponsive).length;
  const blocked = instances.filter((instance) => instance.blocked).length;
  const parts = [];
  if (unresponsive > 0) parts.push(`${unresponsive} unresponsive`);
  if (blocked > 0) parts.push(`${blocked} blocked`);
  return parts.join(", ");
}
