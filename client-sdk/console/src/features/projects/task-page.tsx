import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight, SquareCheckBig } from "lucide-react";

import { useTitle } from "#/app/title";
import { TaskMenu } from "#/features/tasks/card-menu";
import { TaskView } from "#/features/tasks/task-view";
import { useProject } from "#/features/tasks/use-project";
import { Empty } from "#/ui/states";

/** One task with room to think. */
export function TaskPage({ projectId, taskId }: { projectId: string; taskId: string }) {
  const navigate = useNavigate();
  const view = useProject(projectId);
  const task = view.tasks[taskId];
  useTitle(task?.title ?? "Task");
  const open = (id: string) =>
    void navigate({ to: "/projects/$projectId/tasks/$taskId", params: { projectId, taskId: id } });
  const parent = task?.parent_id ? view.tasks[task.parent_id] : undefined;
  if (!task)
    return (
      <Empty
        icon={SquareCheckBig}
        title="There is no such task"
        action={
          <Link
            to="/projects/$projectId"
            params={{ projectId }}
            className="text-sm font-medium text-accent hover:underline"
          >
            Back to the board
          </Link>
        }
      >
        It has been deleted, or the link is wrong.
      </Empty>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-5xl items-center gap-1 px-5 pt-4 text-xs text-ink-3">
        <nav aria-label="Breadcrumb" className="flex min-w-0 flex-1 items-center gap-1">
          <Link to="/projects/$projectId" params={{ projectId }} className="rounded-sm hover:text-ink">
            Board
          </Link>
          {parent && (
            <>
              <ChevronRight aria-hidden className="size-3" />
              <Link
                to="/projects/$projectId/tasks/$taskId"
                params={{ projectId, taskId: parent.id }}
                className="truncate rounded-sm hover:text-ink"
              >
                {parent.title}
              </Link>
            </>
          )}
        </nav>
        {view.access.canEdit && (
          <TaskMenu
            task={task}
            onDeleted={() => void navigate({ to: "/projects/$projectId", params: { projectId } })}
          />
        )}
      </div>
      <TaskView view={view} task={task} onOpen={open} wide />
    </div>
  );
}
