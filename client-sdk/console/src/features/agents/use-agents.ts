import type { AgentList, RunInfo } from "@ymera/client";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useClient } from "#/app/client";
import { useMemberships } from "#/app/sidebar";

/** Whether a process is connected or at work is in no room's log: it is looked up while the page is in sight. */
const LOOK_MS = 5_000;
/** Most projects whose runs are looked up for one page. */
const MAX_PROJECTS = 12;

export type AgentFilter = Pick<AgentList, "project_id" | "capability" | "retired">;

/** Agents with what they are doing, by name. */
export function useAgents(filter: AgentFilter = {}) {
  const client = useClient();
  useAgentNews();
  return useQuery({
    queryKey: ["agents", "list", filter],
    queryFn: () => client.call("agent.list", filter).then((agents) => agents.items),
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  });
}

export function useAgent(agentId: string) {
  const client = useClient();
  useAgentNews();
  return useQuery({
    queryKey: ["agents", "one", agentId],
    queryFn: () => client.call("agent.get", { agent_id: agentId }),
    refetchInterval: LOOK_MS,
  });
}

/** How an agent has done lately. */
export function useInsight(agentId: string, days: number, enabled = true) {
  const client = useClient();
  return useQuery({
    queryKey: ["agents", "insight", agentId, days],
    queryFn: () => client.call("agent.insight", { agent_id: agentId, days }),
    staleTime: 60_000,
    enabled,
  });
}

function useAgentNews(): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(
    () =>
      client.on("event", ({ type }) => {
        if (/^(agent|participant)\./.test(type)) void queries.invalidateQueries({ queryKey: ["agents"] });
      }),
    [client, queries],
  );
}

export interface LookedUp {
  runs: readonly RunInfo[];
  pending: boolean;
}

/** The newest runs of one agent, over these projects. */
export function useAgentRuns(agentId: string, projectIds: readonly string[]): LookedUp {
  const client = useClient();
  return useQueries({
    queries: projectIds.slice(0, MAX_PROJECTS).map((project_id) => ({
      queryKey: ["agents", "runs", agentId, project_id],
      queryFn: () => client.call("run.list", { project_id, agent_id: agentId, limit: 20 }),
      refetchInterval: LOOK_MS,
    })),
    combine: together,
  });
}

/** What agents are at now, over one's own projects. Only looked up while any of them does something. */
export function useWorkingRuns(enabled: boolean): LookedUp {
  const client = useClient();
  const { projects } = useMemberships();
  return useQueries({
    queries: projects.slice(0, MAX_PROJECTS).map(({ id }) => ({
      queryKey: ["agents", "working", id],
      queryFn: () =>
        client.call("run.list", {
          project_id: id,
          state: ["working", "input-required", "auth-required"],
          limit: 100,
        }),
      refetchInterval: LOOK_MS,
      enabled,
    })),
    combine: together,
  });
}

function together(
  results: readonly { data?: { items: readonly RunInfo[] } | undefined; isPending: boolean }[],
) {
  const runs = results.flatMap(({ data }) => data?.items ?? []);
  return {
    runs: runs.sort((a, b) => (a.id < b.id ? 1 : -1)),
    pending: results.some(({ isPending }) => isPending),
  };
}
