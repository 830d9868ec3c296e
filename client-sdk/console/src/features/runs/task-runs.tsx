import type { RunInfo } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import { useEffect, useState } from "react";

import { useClient } from "#/app/client";
import type { TaskProps } from "#/features/tasks/task-view";
import type { ProjectView } from "#/features/tasks/use-project";
import { Button } from "#/ui/button";
import { Section } from "#/ui/section";

import { GiveWork } from "./give-work";
import { RunList, RunRow } from "./run-row";
import { runsOf, upToDate } from "./use-run";

/** What agents do and did for a task, and the way to have one do it. */
export function TaskRuns({ task, view }: TaskProps) {
  const client = useClient();
  const queries = useQueryClient();
  const [giving, setGiving] = useState(false);
  const known = runsOf(view, (run) => run.task_id === task.id);
  const listed = useQuery({
    queryKey: ["runs", "task", task.id],
    queryFn: () => client.call("run.list", { project_id: task.project_id, task_id: task.id, limit: 20 }),
  });
  const newest = known[0]?.id;
  useEffect(() => {
    if (newest) void queries.invalidateQueries({ queryKey: ["runs", "task", task.id] });
  }, [queries, newest, task.id]);
  const runs = upToDate(view, listed.data?.items ?? [], known);
  if (runs.length === 0 && !view.access.canEdit) return null;
  return (
    <Section
      quiet
      title="Agents"
      action={
        view.access.canEdit && (
          <Button size="sm" look="ghost" onClick={() => setGiving(true)}>
            <Bot aria-hidden className="size-3.5" /> Run with an agent…
          </Button>
        )
      }
    >
      {runs.length > 0 && (
        <RunList>
          {runs.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              nameOf={view.nameOf}
              title={titleOf(run, view)}
              note={noteOf(run)}
            />
          ))}
        </RunList>
      )}
      <GiveWork task={task} open={giving} onOpenChange={setGiving} />
    </Section>
  );
}

function titleOf(run: RunInfo, view: ProjectView): string {
  const agent = run.agent_id ?? run.wanted_agent_id;
  return agent ? `${view.nameOf(agent)}: ${run.capability}` : run.capability;
}

/** What it is at, or came to, in the agent's words. */
function noteOf(run: RunInfo): string {
  if (run.state === "failed") return run.error?.message ?? "";
  return run.summary || run.note || ((run.agent_id ?? run.wanted_agent_id) ? "" : "Whichever agent can");
}
