import type { RunInfo } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { ArrowDownRight, ArrowRight, CornerLeftUp, Zap } from "lucide-react";
import type { ReactNode } from "react";

import type { ProjectView } from "#/features/tasks/use-project";
import { Section } from "#/ui/section";

import { RunList, RunRow } from "./run-row";
import { runsOf, upToDate } from "./use-run";

interface CallsProps {
  view: ProjectView;
  runId: string;
  calls: readonly RunInfo[];
  /** The moment that is replayed; null: now. */
  at: string | null;
}

/** The runs that this one called for. */
export function Calls({ view, runId, calls, at }: CallsProps) {
  const live = runsOf(view, (run) => run.parent_id === runId);
  const all = upToDate(view, calls, live).reverse();
  const shown = all.filter((run) => at === null || run.created_at <= at);
  if (shown.length === 0) return null;
  return (
    <Section title="Calls" note="What it had other agents do">
      <RunList>
        {shown.map((run) => (
          <RunRow key={run.id} run={run} nameOf={view.nameOf} />
        ))}
      </RunList>
    </Section>
  );
}

/** Where a run comes from and where it goes on: calls, hand-overs, triggers. */
export function Chain({ view, run }: { view: ProjectView; run: RunInfo }) {
  const next = runsOf(view, (other) => other.previous_id === run.id);
  const links: ReactNode[] = [];
  if (run.parent_id)
    links.push(
      <Step key="parent" icon={<CornerLeftUp />} view={view} runId={run.parent_id}>
        Called for by
      </Step>,
    );
  if (run.previous_id)
    links.push(
      <Step key="previous" icon={<ArrowRight />} view={view} runId={run.previous_id}>
        Handed over by
      </Step>,
    );
  for (const other of next)
    links.push(
      <Step key={other.id} icon={<ArrowDownRight />} view={view} runId={other.id}>
        Handed over to
      </Step>,
    );
  if (run.trigger_id)
    links.push(
      <li key="trigger" className="flex items-center gap-2 [&>svg]:size-3.5 [&>svg]:text-ink-3">
        <Zap aria-hidden />
        <span className="text-ink-3">Started by</span>
        <Link
          to="/projects/$projectId/triggers"
          params={{ projectId: run.project_id }}
          className="truncate link"
        >
          {view.state.triggers[run.trigger_id]?.name ?? "a trigger"}
        </Link>
      </li>,
    );
  if (links.length === 0) return null;
  return (
    <Section title="Comes and goes">
      <ul className="flex flex-col gap-1.5 text-sm">{links}</ul>
    </Section>
  );
}

interface StepProps {
  icon: ReactNode;
  view: ProjectView;
  runId: string;
  children: string;
}

function Step({ icon, view, runId, children }: StepProps) {
  const run = view.state.runs[runId] ?? view.state.ended_runs[runId];
  return (
    <li className="flex items-center gap-2 [&>svg]:size-3.5 [&>svg]:shrink-0 [&>svg]:text-ink-3">
      {icon}
      <span className="shrink-0 text-ink-3">{children}</span>
      <Link
        to="/projects/$projectId/runs/$runId"
        params={{ projectId: view.id, runId }}
        className="truncate link"
      >
        {run ? view.nameOf(run.agent_id ?? run.wanted_agent_id) : "an earlier run"}
      </Link>
    </li>
  );
}
