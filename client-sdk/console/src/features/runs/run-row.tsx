import type { RunInfo } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { moneyOf, percentOf } from "#/ui/amounts";
import { agoOf, momentOf } from "#/ui/dates";

import { RunStateChip } from "./state-chip";
import { hasEnded } from "./states";

interface RunRowProps {
  run: RunInfo;
  nameOf: (id: string | null | undefined) => string;
  /** Where the title is plain from the page, what else it is known by. */
  title?: string;
  /** More to say about it, under its title. */
  note?: ReactNode;
  /** In place of where it stands. */
  standing?: ReactNode;
  action?: ReactNode;
}

/** A run in a list. The title leads to it. */
export function RunRow({ run, nameOf, title, note, standing, action }: RunRowProps) {
  const agent = run.agent_id ?? run.wanted_agent_id;
  const when = run.ended_at ?? run.started_at ?? run.created_at;
  return (
    <li className="relative flex min-h-13 items-center gap-3 border-b px-3.5 py-2 last:border-0 hover:bg-hover">
      <div className="min-w-0 flex-1">
        <Link
          to="/projects/$projectId/runs/$runId"
          params={{ projectId: run.project_id, runId: run.id }}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {title ?? run.title}
        </Link>
        <p className="truncate text-xs text-ink-3">
          {note ?? (
            <>
              {agent ? nameOf(agent) : "Whichever agent can"} · {run.capability}
              {factsOf(run)}
            </>
          )}
        </p>
      </div>
      {standing ?? <RunStateChip run={run} />}
      <time
        dateTime={when}
        title={momentOf(when)}
        className="w-16 shrink-0 text-right text-2xs text-ink-3 tabular max-sm:hidden"
      >
        {agoOf(when)}
      </time>
      {action && <span className="relative">{action}</span>}
    </li>
  );
}

function factsOf(run: RunInfo): string {
  const facts = [];
  if (!hasEnded(run.state) && run.progress !== null) facts.push(percentOf(run.progress));
  if (run.attempt > 1) facts.push(`attempt ${run.attempt}`);
  if ((run.costs.money ?? 0) > 0) facts.push(moneyOf(run.costs.money ?? 0));
  return facts.map((fact) => ` · ${fact}`).join("");
}

/** Runs in a frame. */
export function RunList({ children }: { children: ReactNode }) {
  return <ul className="overflow-hidden rounded-lg border bg-raised">{children}</ul>;
}
