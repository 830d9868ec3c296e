import type { Task } from "@ymera/client";
import { Ban } from "lucide-react";
import { useState } from "react";

import { TaskFiles } from "#/features/files/task-files";
import { TaskRuns } from "#/features/runs/task-runs";
import { dayOf, momentOf } from "#/ui/dates";
import { Segments } from "#/ui/tabs";

import { TaskComments } from "./task-comments";
import { TaskFields } from "./task-fields";
import { TaskHistory } from "./task-history";
import { Dependencies, Subtasks } from "./task-relations";
import { TaskDescription, TaskTitle } from "./task-texts";
import type { ProjectView } from "./use-project";
import { isOpen } from "./model";

export interface TaskProps {
  view: ProjectView;
  task: Task;
  onOpen: (id: string) => void;
}

/** Everything about one task, in a panel or on a page of its own. */
export function TaskView({ wide, ...props }: TaskProps & { wide: boolean }) {
  const { task, view } = props;
  const waits = task.depends_on.filter((id) => isOpen(view.tasks[id]?.status ?? "done")).length;
  const body = (
    <div className="flex min-w-0 flex-col gap-6">
      <div>
        <TaskTitle {...props} />
        {task.blocked && isOpen(task.status) && (
          <p className="mt-2 inline-flex items-center gap-1.5 rounded-md bg-danger-soft px-2 py-1 text-xs font-medium text-danger">
            <Ban aria-hidden className="size-3.5" />
            Blocked: waits for {waits === 1 ? "one task" : `${waits} tasks`} that {waits === 1 ? "is" : "are"}{" "}
            not done
          </p>
        )}
      </div>
      {!wide && <TaskFields {...props} />}
      <TaskDescription {...props} />
      <TaskRuns {...props} />
      <TaskFiles view={view} task={task} />
      <Subtasks {...props} />
      <Dependencies {...props} />
      <Activity {...props} />
    </div>
  );
  if (!wide) return <div className="px-5 pt-4 pb-8">{body}</div>;
  return (
    <div className="mx-auto grid w-full max-w-5xl gap-10 px-5 pt-6 pb-12 lg:grid-cols-[minmax(0,1fr)_17rem]">
      {body}
      <div className="order-first lg:order-none">
        <div className="lg:sticky lg:top-6">
          <TaskFields {...props} />
          <p className="mt-4 border-t pt-4 text-xs text-ink-3" title={momentOf(task.created_at)}>
            Created {dayOf(task.created_at)} by {view.nameOf(task.created_by)}
            {task.external_id && <span className="mt-1 block truncate">Imported as {task.external_id}</span>}
          </p>
        </div>
      </div>
    </div>
  );
}

type Tab = "comments" | "history";

function Activity(props: TaskProps) {
  const [tab, setTab] = useState<Tab>("comments");
  const count = props.task.comment_count;
  return (
    <section aria-label="Activity" className="border-t pt-4">
      <div className="mb-3">
        <Segments<Tab>
          label="Activity"
          value={tab}
          onChange={setTab}
          choices={[
            { value: "comments", label: count > 0 ? `Comments ${count}` : "Comments" },
            { value: "history", label: "History" },
          ]}
        />
      </div>
      {tab === "comments" ? <TaskComments {...props} /> : <TaskHistory {...props} />}
    </section>
  );
}
