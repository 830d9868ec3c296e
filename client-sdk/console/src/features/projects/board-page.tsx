import { useNavigate } from "@tanstack/react-router";
import { Kanban, Rows3, SquareCheckBig, X, Maximize2 } from "lucide-react";

import { useOverlays } from "#/app/overlays";
import { Board } from "#/features/tasks/board";
import { FilterBar } from "#/features/tasks/filter-bar";
import { type Filters, isFiltered, matches } from "#/features/tasks/filters";
import { TaskList } from "#/features/tasks/list";
import { TaskMenu } from "#/features/tasks/card-menu";
import { TaskView } from "#/features/tasks/task-view";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { Button, IconButton } from "#/ui/button";
import { SidePanel } from "#/ui/side-panel";
import { Empty } from "#/ui/states";
import { Segments } from "#/ui/tabs";

export type BoardSearch = Filters & { view?: "list"; task?: string };

/** A project's tasks, as a board or a list, and beside it the one that is open. */
export function BoardPage({ projectId, search }: { projectId: string; search: BoardSearch }) {
  const navigate = useNavigate();
  const view = useProject(projectId);
  const { view: layout, task: selected, ...filters } = search;
  const open = (task: string | undefined) =>
    void navigate({
      to: "/projects/$projectId",
      params: { projectId },
      search: (before: BoardSearch) => ({ ...before, task }),
      replace: selected !== undefined,
    });
  const setLayout = (next: "board" | "list") =>
    void navigate({
      to: "/projects/$projectId",
      params: { projectId },
      search: (before: BoardSearch): BoardSearch => ({ ...before, view: next === "list" ? next : undefined }),
      replace: true,
    });
  const all = Object.values(view.tasks);
  const none = isFiltered(filters) && all.length > 0 && !all.some((task) => matches(task, filters));
  return (
    <div className="flex min-h-0 flex-1">
      <section aria-label="Tasks" className="flex min-w-0 flex-1 flex-col">
        <FilterBar view={view} filters={filters}>
          <Segments<"board" | "list">
            label="Layout"
            value={layout ?? "board"}
            onChange={setLayout}
            choices={[
              { value: "board", label: "Board", icon: <Kanban aria-hidden /> },
              { value: "list", label: "List", icon: <Rows3 aria-hidden /> },
            ]}
          />
        </FilterBar>
        {none ? (
          <Empty icon={SquareCheckBig} title="No task matches these filters">
            Clear one of them to see more.
          </Empty>
        ) : layout === "list" ? (
          all.length === 0 ? (
            <NoTasks view={view} />
          ) : (
            <TaskList view={view} filters={filters} selected={selected} onOpen={open} />
          )
        ) : (
          <Board view={view} filters={filters} selected={selected} onOpen={open} />
        )}
      </section>
      {selected && <TaskPanel key={selected} view={view} taskId={selected} onOpen={open} />}
    </div>
  );
}

function NoTasks({ view }: { view: ProjectView }) {
  const { create } = useOverlays();
  return (
    <Empty
      icon={SquareCheckBig}
      title="No tasks yet"
      action={
        view.access.canEdit && (
          <Button look="primary" onClick={() => create("task")}>
            Add the first task
          </Button>
        )
      }
    >
      What is there to do in this project?
    </Empty>
  );
}

function TaskPanel({
  view,
  taskId,
  onOpen,
}: {
  view: ProjectView;
  taskId: string;
  onOpen: (id: string | undefined) => void;
}) {
  const navigate = useNavigate();
  const task = view.tasks[taskId];
  const close = () => onOpen(undefined);
  return (
    <SidePanel label="Task" onClose={close}>
      <header className="flex h-11 shrink-0 items-center gap-0.5 border-b pr-2 pl-5">
        <span className="flex-1 text-xs font-medium text-ink-3">Task</span>
        {task && view.access.canEdit && <TaskMenu task={task} onDeleted={close} />}
        {task && (
          <IconButton
            label="Open as a page"
            onClick={() =>
              void navigate({
                to: "/projects/$projectId/tasks/$taskId",
                params: { projectId: view.id, taskId },
              })
            }
          >
            <Maximize2 className="size-3.5!" />
          </IconButton>
        )}
        <IconButton label="Close the task" keys="esc" onClick={close}>
          <X />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {task ? (
          <TaskView view={view} task={task} onOpen={onOpen} wide={false} />
        ) : (
          <Empty icon={SquareCheckBig} title="This task is gone">
            It has been deleted, or the link is wrong.
          </Empty>
        )}
      </div>
    </SidePanel>
  );
}
