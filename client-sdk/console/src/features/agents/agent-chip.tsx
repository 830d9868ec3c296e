import type { AgentStatus } from "@ymera/client";

import { Chip } from "#/ui/chip";

import { AGENT_STATE_NAMES, AGENT_STATE_TONES, troubleOf } from "./states";

/** Where an agent is in its life, and what is wrong with its processes. */
export function AgentChip({ status }: { status: AgentStatus }) {
  const trouble = troubleOf(status);
  return (
    <span className="inline-flex items-center gap-1.5">
      {trouble && <Chip tone="danger">{trouble}</Chip>}
      <Chip tone={AGENT_STATE_TONES[status.state]}>{AGENT_STATE_NAMES[status.state]}</Chip>
    </span>
  );
}

/** The dot at an agent's picture: there, going, or none. */
export function presenceOf({ state }: AgentStatus): "online" | "away" | null {
  if (state === "online" || state === "busy") return "online";
  return state === "draining" ? "away" : null;
}
