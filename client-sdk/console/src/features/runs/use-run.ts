import type { LoggedEvent, Question, RunDetails, RunInfo } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useClient } from "#/app/client";
import type { ProjectView } from "#/features/tasks/use-project";

import type { History } from "./feed";

/** Events that only add to what the history shows: the rest of a run stays as it is. */
const STREAM = new Set(["run.outputted", "run.logged", "run.progressed"]);

/** What a run's history does not have: its input and result, its attempts, and what it called for. */
export function useRunDetails(runId: string, { events, complete }: History) {
  const client = useClient();
  const queries = useQueryClient();
  const turns = events.reduce((count, event) => count + Number(!STREAM.has(event.type)), 0);
  useEffect(() => {
    if (complete) void queries.invalidateQueries({ queryKey: ["run", runId] });
  }, [queries, runId, turns, complete]);
  return useQuery({
    queryKey: ["run", runId],
    queryFn: () => client.call("run.get", { run_id: runId }, { wait: true }),
  });
}

/** A run as its room has it now; undefined for one that ended too long ago. */
export function liveRun(view: ProjectView, runId: string): RunInfo | undefined {
  return view.state.runs[runId] ?? view.state.ended_runs[runId];
}

/** All runs that a project's room knows, newest first. */
export function runsOf(view: ProjectView, wanted: (run: RunInfo) => boolean): RunInfo[] {
  return newestFirst(
    [...Object.values(view.state.runs), ...Object.values(view.state.ended_runs)].filter(wanted),
  );
}

/** Each run once, as it stands now, newest first. */
export function upToDate(
  view: ProjectView,
  listed: readonly RunInfo[],
  more: readonly RunInfo[] = [],
): RunInfo[] {
  const byId = new Map([...listed, ...more].map((run) => [run.id, liveRun(view, run.id) ?? run]));
  return newestFirst([...byId.values()]);
}

function newestFirst(runs: readonly RunInfo[]): RunInfo[] {
  return [...runs].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** A run's questions, oldest first: as the history has them, and before that as they were asked for. */
export function questionsOf(details: RunDetails | undefined, told: readonly Question[]): Question[] {
  const byId = new Map([...(details?.questions ?? []), ...told].map((question) => [question.id, question]));
  return [...byId.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/** Where an event stands in the history, counted from one; what a replay steps through. */
export function placeOf(events: readonly LoggedEvent[], step: number | null): number {
  return Math.min(step ?? events.length, events.length);
}
