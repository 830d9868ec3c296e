import type { AgentView } from "@ymera/client";

import { SelectField } from "#/ui/form";

import { AGENT_STATE_NAMES } from "./states";
import { capabilitiesOf } from "./use-workers";

export interface Worker {
  /** Empty: whichever agent can. */
  agentId: string;
  capability: string;
}

interface WorkerFieldsProps {
  agents: readonly AgentView[];
  value: Worker;
  onChange: (worker: Worker) => void;
  /** An agent has to be named: nobody gives the work out. */
  named?: boolean;
}

/** Who is to do it, and with which of what it can. */
export function WorkerFields({ agents, value, onChange, named = false }: WorkerFieldsProps) {
  const names = capabilitiesOf(agents, value.agentId);
  const capabilities =
    names.includes(value.capability) || value.capability === "" ? names : [value.capability, ...names];
  const chosen = agents.find(({ id }) => id === value.agentId);
  const known = chosen || value.agentId === "" ? [] : [[value.agentId, "An agent without access"] as const];
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label="Agent"
        hint={chosen && hintOf(chosen)}
        value={value.agentId}
        onChange={(agentId) => onChange(workerOf(agents, agentId, value.capability))}
        choices={[
          ...(named ? [] : [["", "Whichever can, and is free"] as const]),
          ...known,
          ...agents.map(
            ({ id, member, status }) => [id, `${member.name} (${AGENT_STATE_NAMES[status.state]})`] as const,
          ),
        ]}
      />
      <SelectField
        label="Capability"
        hint={descriptionOf(agents, value)}
        value={value.capability}
        onChange={(capability) => onChange({ ...value, capability })}
        choices={capabilities.map((name) => [name, name] as const)}
      />
    </div>
  );
}

/** A choice of agent, with a capability that it has: the same if it can. */
export function workerOf(agents: readonly AgentView[], agentId: string, capability: string): Worker {
  const names = capabilitiesOf(agents, agentId);
  return { agentId, capability: names.includes(capability) ? capability : (names[0] ?? "") };
}

function hintOf({ status }: AgentView): string | undefined {
  if (status.state === "online" || status.state === "busy") return undefined;
  return "Not connected to take it: the run waits until it is.";
}

function descriptionOf(agents: readonly AgentView[], { agentId, capability }: Worker): string | undefined {
  const able = agents.filter(({ id }) => agentId === "" || id === agentId);
  const found = able.flatMap(({ agent }) => agent.capabilities).find(({ name }) => name === capability);
  return found?.description === "" ? undefined : found?.description;
}
