import type { AgentView, RunInfo } from "@ymera/client";
import { Link, useNavigate } from "@tanstack/react-router";
import { Bot, Plus } from "lucide-react";
import { useState } from "react";

import { useDirectory, useIsOnline, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { useOverlays } from "#/app/overlays";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { moneyOf, percentOf } from "#/ui/amounts";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { SearchField } from "#/ui/search-field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";
import { Segments } from "#/ui/tabs";

import { AgentChip, presenceOf } from "./agent-chip";
import { totalsOf } from "./insight";
import { doingOf } from "./states";
import { useAgents, useInsight, useWorkingRuns } from "./use-agents";

/** How many rows tell how the agent has done, which is a question of its own for each. */
const MAX_JUDGED = 40;
const DAYS = 7;

/** Every agent that one may see: who is there, and doing what. */
export function AgentsPage({ retired }: { retired: boolean }) {
  useTitle("Agents");
  const me = useMe();
  const navigate = useNavigate();
  const { create } = useOverlays();
  const [query, setQuery] = useState("");
  return (
    <>
      <PageHeader title={<PageTitle>Agents</PageTitle>}>
        {me.role !== "guest" && (
          <Button size="sm" look="primary" onClick={() => create("agent")}>
            <Plus aria-hidden className="size-3.5" /> New agent
          </Button>
        )}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-5xl px-4 pt-4 pb-10">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <SearchField
              label="Find an agent"
              placeholder="Find an agent or capability…"
              value={query}
              onChange={setQuery}
            />
            <Segments<"active" | "retired">
              label="Which agents"
              value={retired ? "retired" : "active"}
              onChange={(next) =>
                void navigate({
                  to: "/agents",
                  search: next === "retired" ? { retired: true } : {},
                  replace: true,
                })
              }
              choices={[
                { value: "active", label: "Active" },
                { value: "retired", label: "Retired" },
              ]}
            />
          </div>
          <AgentRows query={query} retired={retired} />
        </div>
      </div>
    </>
  );
}

function AgentRows({ query, retired }: { query: string; retired: boolean }) {
  const online = useIsOnline();
  const agents = useAgents({ retired });
  const active = agents.data?.some(({ status }) => status.running + status.waiting > 0) ?? false;
  const { runs } = useWorkingRuns(active);
  if (agents.isError && !agents.data)
    return online ? (
      <Failed message={messageOf(agents.error)} onRetry={() => void agents.refetch()} />
    ) : (
      <OfflineEmpty />
    );
  if (!agents.data) return online ? <SkeletonRows /> : <OfflineEmpty />;
  if (agents.data.length === 0) return <NoAgents retired={retired} />;
  const shown = agents.data.filter((view) => matches(view, query.trim().toLowerCase()));
  if (shown.length === 0)
    return (
      <Empty icon={Bot} title={`No agent matches “${query}”`}>
        Part of a name or of a capability is enough.
      </Empty>
    );
  return (
    <ul className="overflow-hidden rounded-lg border">
      {shown.map((view, index) => (
        <AgentRow
          key={view.id}
          view={view}
          judged={index < MAX_JUDGED}
          runs={runs.filter((run) => run.agent_id === view.id)}
        />
      ))}
    </ul>
  );
}

function matches({ member, agent }: AgentView, query: string): boolean {
  return (
    member.name.toLowerCase().includes(query) ||
    agent.capabilities.some(({ name }) => name.toLowerCase().includes(query))
  );
}

function AgentRow({ view, judged, runs }: { view: AgentView; judged: boolean; runs: readonly RunInfo[] }) {
  const { agent, member, status } = view;
  const { nameOf } = useDirectory();
  return (
    <li className="relative flex min-h-16 items-center gap-3.5 border-b px-3.5 py-2.5 last:border-0 hover:bg-hover">
      <Avatar
        id={view.id}
        name={member.name}
        agent
        picture={agent.picture}
        size="lg"
        presence={presenceOf(status)}
      />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <Link
            to="/agents/$agentId"
            params={{ agentId: view.id }}
            className="truncate font-medium after:absolute after:inset-0"
          >
            {member.name}
          </Link>
          <AgentChip status={status} />
        </p>
        <Doing status={doingOf(status)} runs={runs} fallback={agent.description} />
        <p className="mt-1 flex flex-wrap items-center gap-1">
          {agent.capabilities.slice(0, 6).map(({ name, description }) => (
            <Chip key={name} className="font-mono">
              <span className="truncate" title={description}>
                {name}
              </span>
            </Chip>
          ))}
          {agent.capabilities.length > 6 && (
            <span className="text-2xs text-ink-3">+{agent.capabilities.length - 6}</span>
          )}
          {agent.capabilities.length === 0 && (
            <span className="text-xs text-ink-3">It says what it can do when it connects.</span>
          )}
        </p>
      </div>
      <div className="w-36 shrink-0 text-right text-xs text-ink-2 max-sm:hidden">
        {judged && <Judgement agentId={view.id} />}
        <p className="truncate text-ink-3">of {nameOf(agent.owner_id)}</p>
      </div>
    </li>
  );
}

/** What it is at; if nothing, what it is for. */
function Doing({ status, runs, fallback }: { status: string; runs: readonly RunInfo[]; fallback: string }) {
  const [first] = runs;
  if (!status) return <p className="truncate text-xs text-ink-3">{fallback}</p>;
  return (
    <p className="truncate text-xs text-ink-2">
      {status}
      {first && (
        <>
          {": "}
          <Link
            to="/projects/$projectId/runs/$runId"
            params={{ projectId: first.project_id, runId: first.id }}
            className="relative link"
          >
            {first.title}
          </Link>
          {first.note && ` – ${first.note}`}
          {runs.length > 1 && ` and ${runs.length - 1} more`}
        </>
      )}
    </p>
  );
}

/** How it did in the last days, in a line. */
function Judgement({ agentId }: { agentId: string }) {
  const insight = useInsight(agentId, DAYS);
  if (!insight.data) return null;
  const { runs, completed, failed, money } = totalsOf(insight.data.days);
  if (runs === 0) return <p>No runs this week</p>;
  const judged = completed + failed;
  return (
    <p className="tabular" title={`In ${DAYS} days: ${completed} completed, ${failed} failed`}>
      {runs} {runs === 1 ? "run" : "runs"}
      {judged > 0 && `, ${percentOf(completed / judged)} good`}
      {money > 0 && <span className="block">cost {moneyOf(money)}</span>}
    </p>
  );
}

function NoAgents({ retired }: { retired: boolean }) {
  const me = useMe();
  const { create } = useOverlays();
  if (retired)
    return (
      <Empty icon={Bot} title="No agent is retired">
        Retired agents stay here, with what they did.
      </Empty>
    );
  return (
    <Empty
      icon={Bot}
      title="No agents yet"
      action={
        me.role !== "guest" && (
          <Button look="primary" onClick={() => create("agent")}>
            Register the first one
          </Button>
        )
      }
    >
      An agent is a program that does tasks beside people, in plain sight. Twenty lines of Python are enough.
    </Empty>
  );
}
