import type { Attempt, AttemptOutcome, RunInfo } from "@ymera/client";
import { Link } from "@tanstack/react-router";

import type { ProjectView } from "#/features/tasks/use-project";
import { countOf, durationOf, moneyOf, percentOf, secondsBetween } from "#/ui/amounts";
import { agoOf, momentOf } from "#/ui/dates";
import { Fact, Facts } from "#/ui/facts";
import { Meter } from "#/ui/meter";
import { useNow } from "#/ui/use-now";
import { Section } from "#/ui/section";

import { AgentLink } from "../agents/agent-link";
import { PRIORITY_NAMES } from "../tasks/model";
import { CAUSE_NAMES, hasEnded } from "./states";

interface RunFactsProps {
  view: ProjectView;
  run: RunInfo;
  /** The moment that is replayed; null: now. */
  at: string | null;
}

/** What a run is, in a few lines. */
export function RunFacts({ view, run, at }: RunFactsProps) {
  const task = run.task_id ? view.tasks[run.task_id] : undefined;
  return (
    <Facts>
      <Fact name="Agent">
        {run.agent_id ? (
          <AgentLink id={run.agent_id} name={view.nameOf(run.agent_id)} />
        ) : run.wanted_agent_id ? (
          <AgentLink id={run.wanted_agent_id} name={view.nameOf(run.wanted_agent_id)} />
        ) : (
          <span className="text-ink-3">Whichever can</span>
        )}
      </Fact>
      <Fact name="Asked for by">{view.nameOf(run.requested_by)}</Fact>
      {run.task_id && (
        <Fact name="Task">
          <Link
            to="/projects/$projectId/tasks/$taskId"
            params={{ projectId: run.project_id, taskId: run.task_id }}
            className="link"
          >
            {task?.title ?? "A deleted task"}
          </Link>
        </Fact>
      )}
      <Fact name="Attempt">
        {run.attempt === 0 ? "None yet" : `${run.attempt} of at most ${Math.max(run.attempts, run.attempt)}`}
      </Fact>
      <Fact name="Priority">{PRIORITY_NAMES[run.priority]}</Fact>
      <Times run={run} at={at} />
      <Costs run={run} />
    </Facts>
  );
}

function Times({ run, at }: Pick<RunFactsProps, "run" | "at">) {
  const present = useNow(at === null && !hasEnded(run.state));
  const now = at === null ? present : Date.parse(at);
  return (
    <>
      <Fact name="Created">
        <span title={momentOf(run.created_at)}>{agoOf(run.created_at)}</span>
      </Fact>
      {run.started_at && (
        <Fact name={hasEnded(run.state) ? "Took" : "For"}>
          <span className="tabular" title={`Since ${momentOf(run.started_at)}`}>
            {durationOf(Math.floor(secondsBetween(run.started_at, run.ended_at ?? now)))}
          </span>
        </Fact>
      )}
      {run.not_before && !hasEnded(run.state) && Date.parse(run.not_before) > now && (
        <Fact name="Not before">{momentOf(run.not_before)}</Fact>
      )}
      {run.deadline && <Fact name="Deadline">{momentOf(run.deadline)}</Fact>}
    </>
  );
}

function Costs({ run }: { run: RunInfo }) {
  const { money = 0, tokens = 0, seconds = 0 } = run.costs;
  const share = run.budget ? money / run.budget : null;
  return (
    <>
      <Fact name="Cost">
        <span className="tabular">{moneyOf(money)}</span>
        {run.budget !== null && <span className="text-ink-3"> of at most {moneyOf(run.budget)}</span>}
        {share !== null && (
          <span className="mt-1 block">
            <Meter
              label="Budget used"
              share={share}
              words={percentOf(share)}
              tone={share >= 1 ? "danger" : share >= 0.8 ? "warn" : "accent"}
            />
          </span>
        )}
      </Fact>
      {tokens > 0 && <Fact name="Tokens">{countOf(tokens)}</Fact>}
      {seconds > 0 && <Fact name="Computing">{durationOf(seconds)}</Fact>}
    </>
  );
}

const OUTCOMES: Readonly<Record<AttemptOutcome, string>> = {
  completed: "completed",
  failed: "failed",
  canceled: "stopped",
  rejected: "declined",
  released: "handed back",
  restarted: "begun anew",
};

/** Who tried, where, and what became of it. */
export function Attempts({ view, attempts }: { view: ProjectView; attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return null;
  return (
    <Section title="Attempts">
      <ol className="flex flex-col gap-2.5">
        {attempts.map((attempt) => (
          <li key={attempt.fence} className="rounded-md border px-3 py-2">
            <p className="flex items-baseline justify-between gap-2">
              <span className="font-medium">
                {attempt.fence}. {view.nameOf(attempt.agent_id)}
              </span>
              <span className="text-xs text-ink-2">{outcomeOf(attempt)}</span>
            </p>
            <p className="text-xs break-words text-ink-3">
              {attempt.host && <>on {attempt.host}, </>}
              <span title={momentOf(attempt.offered_at)}>{agoOf(attempt.offered_at)}</span>
              {attempt.started_at && attempt.ended_at && (
                <>, {durationOf(secondsBetween(attempt.started_at, attempt.ended_at))}</>
              )}
            </p>
            {attempt.error && (
              <p className="mt-1 text-xs break-words text-danger">
                {CAUSE_NAMES[attempt.error.cause]}: {attempt.error.message}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function outcomeOf({ outcome, started_at }: Attempt): string {
  if (outcome) return OUTCOMES[outcome];
  return started_at ? "at work" : "offered";
}
