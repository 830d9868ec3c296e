/** Which agents of a project can do what: for giving them work, now or by a trigger. */

import type { AgentView, Capability } from "@ymera/client";
import { useQuery } from "@tanstack/react-query";

import { useClient, useRoom } from "#/app/client";
import { useIsEncrypted } from "#/features/encryption/use-sealed";

import { useAgents } from "./use-agents";

export interface Workers {
  agents: readonly AgentView[];
  pending: boolean;
  error: unknown;
}

/** The agents that have access to a project. Who is in an encrypted one, its members know better than the server. */
export function useWorkers(projectId: string): Workers {
  const encrypted = useIsEncrypted(projectId);
  const { participants } = useRoom(projectId).state;
  const { data = [], isPending, error } = useAgents(encrypted ? {} : { project_id: projectId });
  const agents = encrypted ? data.filter(({ id }) => participants[id] !== undefined) : data;
  return { agents, pending: isPending, error };
}

/** The names of what one of the agents can do, or with no id any of them. */
export function capabilitiesOf(agents: readonly AgentView[], agentId: string): string[] {
  const able = agents.filter(({ id }) => agentId === "" || id === agentId);
  return [...new Set(able.flatMap(({ agent }) => agent.capabilities.map(({ name }) => name)))].sort();
}

/** A capability with its schemas, as this agent has it, or the first one that has it. */
export function useCapability(
  agents: readonly AgentView[],
  agentId: string,
  name: string,
): { capability: Capability | undefined; pending: boolean } {
  const client = useClient();
  const able = agents.find(
    ({ id, agent }) =>
      (agentId === "" || id === agentId) && agent.capabilities.some((each) => each.name === name),
  );
  const details = useQuery({
    queryKey: ["agents", "one", able?.id ?? ""],
    queryFn: () => client.call("agent.get", { agent_id: able?.id ?? "" }),
    enabled: able !== undefined,
    staleTime: 30_000,
  });
  return {
    capability: details.data?.capabilities.find((each) => each.name === name),
    pending: able !== undefined && details.isPending,
  };
}
