import type { ProjectQueue, RunInfo } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { CirclePause, CirclePlay, ListChecks } from "lucide-react";
import { useState } from "react";

import { useClient, useIsOnline } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { BudgetPanel } from "#/features/budgets/budget-panel";
import { Retry } from "#/features/runs/run-actions";
import { RunRow } from "#/features/runs/run-row";
import { CAUSE_NAMES } from "#/features/runs/states";
import { runsOf } from "#/features/runs/use-run";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { Button } from "#/ui/button";
import { Input } from "#/ui/field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { Part } from "./part";
import { useDeadLetters, useQueue } from "./use-queue";
import { WaitingRow } from "./waiting-row";

/** What a project's agents are doing, what waits and why, and what failed for good. */
export function QueuePage({ projectId }: { projectId: string }) {
  const view = useProject(projectId);
  const online = useIsOnline();
  const queue = useQueue(projectId);
  const dead = useDeadLetters(projectId);
  const first = queue.data?.pages[0];
  if (!first)
    return !online ? (
      <OfflineEmpty />
    ) : queue.isError ? (
      <Failed message={messageOf(queue.error)} onRetry={() => void queue.refetch()} />
    ) : (
      <SkeletonRows />
    );
  const waiting = queue.data?.pages.flatMap((page) => page.waiting.items) ?? [];
  const running = runsOf(view, (run) => ATWORK.has(run.state) && view.state.runs[run.id] !== undefined);
  const failed = dead.data?.items ?? [];
  const ended = runsOf(view, ({ id }) => !view.state.runs[id] && !failed.some((run) => run.id === id));
  const idle = waiting.length + running.length + ended.length + failed.length === 0;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-5 pt-5 pb-14">
        <Controls view={view} queue={view.state.queues[projectId] ?? first.queue} running={first.running} />
        {idle ? (
          <Empty icon={ListChecks} title="Nothing runs, and nothing waits">
            Assign a task to an agent, or choose “Run with an agent” at a task.
          </Empty>
        ) : (
          <>
            <Part title="At work" count={running.length} empty="Nothing runs right now.">
              {running.map((run) => (
                <RunRow key={run.id} run={run} nameOf={view.nameOf} />
              ))}
            </Part>
            <Part title="Waiting" count={waiting.length} empty="Nothing waits.">
              {waiting.map((each) => (
                <WaitingRow key={each.run.id} waiting={each} nameOf={view.nameOf} />
              ))}
            </Part>
            {queue.hasNextPage && (
              <Button
                look="ghost"
                className="self-center"
                busy={queue.isFetchingNextPage}
                onClick={() => void queue.fetchNextPage()}
              >
                More that wait
              </Button>
            )}
          </>
        )}
        {dead.isError && <p className="text-xs text-danger">{messageOf(dead.error)}</p>}
        <DeadLetters view={view} runs={failed} />
        {ended.length > 0 && (
          <Part title="Ended lately" count={null} empty="">
            {ended.slice(0, MAX_ENDED).map((run) => (
              <RunRow key={run.id} run={run} nameOf={view.nameOf} />
            ))}
          </Part>
        )}
        <BudgetPanel spender={{ project_id: projectId }} editable={view.access.canManage} />
      </div>
    </div>
  );
}

const MAX_ENDED = 10;
const ATWORK: ReadonlySet<RunInfo["state"]> = new Set(["working", "input-required", "auth-required"]);

interface ControlsProps {
  view: ProjectView;
  queue: ProjectQueue;
  running: number;
}

function Controls({ view, queue, running }: ControlsProps) {
  const client = useClient();
  const queries = useQueryClient();
  const set = (change: { paused?: boolean; concurrency?: number | null }) => {
    const optimistic = [{ room: view.id, collection: "queues", entity: { ...queue, ...change } }] as const;
    const done = client
      .call("queue.set", { project_id: view.id, ...change }, { optimistic })
      .then(() => queries.invalidateQueries({ queryKey: ["queue", view.id] }));
    act(done, "The queue could not be changed");
  };
  return (
    <section aria-label="The queue" className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-0 flex-1 text-ink-2">
        {queue.paused ? (
          <span className="font-medium text-warn">Paused: nothing new starts.</span>
        ) : queue.concurrency !== null ? (
          `${running} of at most ${queue.concurrency} at work at once.`
        ) : (
          "Runs start as soon as an agent takes them."
        )}
      </p>
      {view.access.canManage && (
        <>
          <Limit
            key={queue.concurrency}
            value={queue.concurrency}
            onChange={(concurrency) => set({ concurrency })}
          />
          <Button size="sm" onClick={() => set({ paused: !queue.paused })} className="[&>svg]:size-3.5">
            {queue.paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
            {queue.paused ? "Resume" : "Pause"}
          </Button>
        </>
      )}
    </section>
  );
}

function Limit({ value, onChange }: { value: number | null; onChange: (limit: number | null) => void }) {
  const [text, setText] = useState(value === null ? "" : String(value));
  const finish = () => {
    const limit = text.trim() === "" ? null : Number(text);
    if (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= 10_000))
      setText(value === null ? "" : String(value));
    else if (limit !== value) onChange(limit);
  };
  return (
    <span className="flex items-center gap-2 text-xs text-ink-2">
      At most
      <Input
        inputMode="numeric"
        value={text}
        placeholder="∞"
        aria-label="Runs at once, at most"
        onChange={(event) => setText(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
        className="h-7! w-14! text-center text-xs! tabular"
      />
      at once
    </span>
  );
}

function DeadLetters({ view, runs }: { view: ProjectView; runs: readonly RunInfo[] }) {
  if (runs.length === 0) return null;
  return (
    <Part title="Failed for good" count={runs.length} empty="">
      {runs.map((run) => (
        <RunRow
          key={run.id}
          run={run}
          nameOf={view.nameOf}
          note={run.error ? `${CAUSE_NAMES[run.error.cause]}: ${run.error.message}` : undefined}
          action={view.access.canEdit && <Retry run={run} />}
        />
      ))}
    </Part>
  );
}
