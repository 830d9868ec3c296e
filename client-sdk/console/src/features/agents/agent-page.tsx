import type { AgentDetails } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { Bot, ChevronRight } from "lucide-react";

import { isAdmin } from "#/app/access";
import { useDirectory, useIsOnline, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { PageHeader } from "#/app/shell";
import { useTitle } from "#/app/title";
import { BudgetPanel } from "#/features/budgets/budget-panel";
import { RunList, RunRow } from "#/features/runs/run-row";
import { hasEnded } from "#/features/runs/states";
import { Avatar } from "#/ui/avatar";
import { dayOf } from "#/ui/dates";
import { Prose } from "#/ui/markdown";
import { PanelPage } from "#/ui/panel";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { AgentActions } from "./agent-actions";
import { AgentChip, presenceOf } from "./agent-chip";
import { Capabilities } from "./capabilities";
import { Faults } from "./faults";
import { Grants } from "./grants";
import { InsightPanel } from "./insight-panel";
import { Instances } from "./instances";
import { useSealedGrants } from "./sealed-grants";
import { type LookedUp, useAgent, useAgentRuns } from "./use-agents";

/** All about one agent. */
export function AgentPage({ agentId }: { agentId: string }) {
  const online = useIsOnline();
  const agent = useAgent(agentId);
  const details = agent.data;
  useTitle(details?.member.name ?? "Agent");
  return (
    <>
      <PageHeader title={<Title details={details} />}>{details && <Manage details={details} />}</PageHeader>
      {details ? (
        <Body details={details} />
      ) : isYmeraError(agent.error, "not_found") ? (
        <Empty icon={Bot} title="There is no such agent">
          The link is wrong, or you have no access to it.
        </Empty>
      ) : !online ? (
        <OfflineEmpty />
      ) : agent.isError ? (
        <Failed message={messageOf(agent.error)} onRetry={() => void agent.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function Title({ details }: { details: AgentDetails | undefined }) {
  return (
    <>
      <nav aria-label="Breadcrumb" className="flex items-center gap-1 text-ink-3">
        <Link to="/agents" className="rounded-sm hover:text-ink">
          Agents
        </Link>
        <ChevronRight aria-hidden className="size-3.5" />
      </nav>
      <h1 className="truncate text-base font-semibold">{details?.member.name ?? "Agent"}</h1>
    </>
  );
}

function useIsMine(details: AgentDetails): boolean {
  const me = useMe();
  return (isAdmin(me) || details.agent.owner_id === me.id) && !details.agent.retired;
}

function Manage({ details }: { details: AgentDetails }) {
  return useIsMine(details) ? <AgentActions details={details} /> : null;
}

function Body({ details }: { details: AgentDetails }) {
  const mine = useIsMine(details);
  const sealed = useSealedGrants(details.id);
  const projectIds = [
    ...details.grants.map((grant) => grant.project_id),
    ...sealed.flatMap(({ place }) => (place.sealed.form === "project" ? [place.id] : [])),
  ];
  const looked = useAgentRuns(details.id, projectIds);
  return (
    <PanelPage>
      <Head details={details} />
      <Runs looked={looked} />
      <Instances instances={details.status.instances} runs={looked.runs} />
      <Capabilities capabilities={details.capabilities} />
      <Grants details={details} sealed={sealed} />
      <BudgetPanel spender={{ agent_id: details.id }} editable={mine} />
      <InsightPanel agentId={details.id} />
      <Faults faults={details.faults} />
    </PanelPage>
  );
}

function Head({ details: { agent, member, status } }: { details: AgentDetails }) {
  const { nameOf } = useDirectory();
  return (
    <div className="flex gap-4">
      <Avatar
        id={member.id}
        name={member.name}
        agent
        picture={agent.picture}
        size="lg"
        presence={presenceOf(status)}
      />
      <div className="min-w-0 flex-1">
        <AgentChip status={status} />
        <p className="mt-1 text-xs text-ink-3">
          {nameOf(agent.owner_id)} answers for it. Since {dayOf(agent.created_at)}
          {agent.software && `, runs ${agent.software}`}.
        </p>
        {agent.description && (
          <div className="mt-2 text-ink-2">
            <Prose text={agent.description} />
          </div>
        )}
      </div>
    </div>
  );
}

const RECENT = 10;

function Runs({ looked: { runs, pending } }: { looked: LookedUp }) {
  const { nameOf } = useDirectory();
  const live = runs.filter((run) => !hasEnded(run.state));
  const ended = runs.filter((run) => hasEnded(run.state)).slice(0, RECENT);
  return (
    <section aria-label="Runs" className="flex flex-col gap-5">
      <div>
        <h2 className="mb-2 text-base font-semibold">At work on</h2>
        {live.length === 0 && <p className="text-ink-3">{pending ? "…" : "Nothing right now."}</p>}
        {live.length > 0 && (
          <RunList>
            {live.map((run) => (
              <RunRow key={run.id} run={run} nameOf={nameOf} {...(run.note && { note: run.note })} />
            ))}
          </RunList>
        )}
      </div>
      {ended.length > 0 && (
        <div>
          <h2 className="mb-2 text-base font-semibold">Recent runs</h2>
          <RunList>
            {ended.map((run) => (
              <RunRow key={run.id} run={run} nameOf={nameOf} />
            ))}
          </RunList>
        </div>
      )}
    </section>
  );
}
