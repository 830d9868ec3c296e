import type { Task } from "@ymera/client";
import clsx from "clsx";
import { Link2, Plus, X } from "lucide-react";
import { useMemo, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { useClient, useMe } from "#/app/client";
import { act, report } from "#/app/errors";
import { Button, IconButton } from "#/ui/button";
import { StatusGlyph } from "#/ui/glyphs";
import { Picker } from "#/ui/picker";
import { Section } from "#/ui/section";

import { addDependency, createTask, cycleOf, removeDependency } from "./actions";
import { byRank, isOpen, lastRank, STATUS_NAMES } from "./model";
import { QuickAdd } from "./quick-add";
import type { TaskProps } from "./task-view";

/** The parts of a task. */
export function Subtasks({ task, view, onOpen }: TaskProps) {
  const client = useClient();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const parts = useMemo(
    () =>
      Object.values(view.tasks)
        .filter((other) => other.parent_id === task.id)
        .sort(byRank),
    [view.tasks, task.id],
  );
  const done = parts.filter((part) => part.status === "done").length;
  if (parts.length === 0 && !view.access.canEdit) return null;
  const add = (title: string) => {
    const fields = { project_id: task.project_id, title, parent_id: task.id };
    act(createTask(client, uuidv7(), lastRank(view.tasks), me.id, fields), "The subtask could not be added");
  };
  return (
    <Section
      quiet
      title="Subtasks"
      note={parts.length > 0 ? `${done}/${parts.length}` : undefined}
      action={
        view.access.canEdit && (
          <IconButton label="Add a subtask" size="xs" onClick={() => setAdding(true)}>
            <Plus />
          </IconButton>
        )
      }
    >
      {adding && <QuickAdd label="New subtask" onCreate={add} onClose={() => setAdding(false)} />}
      {parts.length > 0 && (
        <ul>
          {parts.map((part) => (
            <TaskRow key={part.id} task={part} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** What a task waits for, and what waits for it. */
export function Dependencies({ task, view, onOpen }: TaskProps) {
  const client = useClient();
  const [cycle, setCycle] = useState<string[] | null>(null);
  const { tasks } = view;
  const waitsFor = task.depends_on.flatMap((id) => tasks[id] ?? []);
  const blocks = useMemo(
    () => Object.values(tasks).filter((other) => other.depends_on.includes(task.id)),
    [tasks, task.id],
  );
  const options = useMemo(
    () =>
      Object.values(tasks)
        .filter((other) => other.id !== task.id && !task.depends_on.includes(other.id))
        .sort((a, b) => Number(isOpen(b.status)) - Number(isOpen(a.status)) || byRank(a, b))
        .map((other) => ({
          value: other.id,
          label: other.title,
          icon: <StatusGlyph status={other.status} />,
        })),
    [tasks, task],
  );
  if (waitsFor.length + blocks.length === 0 && !view.access.canEdit) return null;
  const add = (on: string) => {
    setCycle(null);
    addDependency(client, task, on).catch((error: unknown) => {
      const circle = cycleOf(error, tasks);
      if (circle) setCycle(circle);
      else report("The dependency could not be added", error);
    });
  };
  return (
    <Section
      quiet
      title="Dependencies"
      action={
        view.access.canEdit && (
          <Picker
            label="Waits for"
            placeholder="Waits for…"
            align="end"
            selected={[]}
            options={options}
            onPick={add}
            trigger={
              <IconButton label="Add a dependency" size="xs">
                <Plus />
              </IconButton>
            }
          />
        )
      }
    >
      {cycle && <Cycle titles={cycle} onClose={() => setCycle(null)} />}
      <Group
        title="Waits for"
        tasks={waitsFor}
        onOpen={onOpen}
        {...(view.access.canEdit && {
          onRemove: (on) => act(removeDependency(client, task, on), "The dependency could not be removed"),
        })}
      />
      <Group title="Others wait for it" tasks={blocks} onOpen={onOpen} />
    </Section>
  );
}

/** Names the circle that a refused dependency would have closed. */
function Cycle({ titles, onClose }: { titles: readonly string[]; onClose: () => void }) {
  return (
    <div role="alert" className="mb-2 rounded-lg bg-danger-soft p-3 text-sm">
      <p className="font-medium text-danger">
        That would close a circle, and none of these could ever start:
      </p>
      <ol className="mt-1.5 flex flex-col gap-0.5 text-ink-2">
        {titles.map((title, index) => (
          <li key={index} className="flex gap-2">
            <span aria-hidden className="text-ink-3">
              {index === 0 ? "•" : "↳"}
            </span>
            {title}
          </li>
        ))}
      </ol>
      <Button size="sm" className="mt-2.5" onClick={onClose}>
        Leave it as it was
      </Button>
    </div>
  );
}

function Group({
  title,
  tasks,
  onOpen,
  onRemove,
}: {
  title: string;
  tasks: readonly Task[];
  onOpen: (id: string) => void;
  onRemove?: (id: string) => void;
}) {
  if (tasks.length === 0) return null;
  return (
    <div className="mb-1.5 last:mb-0">
      <h4 className="flex items-center gap-1.5 py-0.5 text-2xs text-ink-3">
        <Link2 aria-hidden className="size-3" /> {title}
      </h4>
      <ul>
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} onOpen={onOpen} onRemove={onRemove} />
        ))}
      </ul>
    </div>
  );
}

function TaskRow({
  task,
  onOpen,
  onRemove,
}: {
  task: Task;
  onOpen: (id: string) => void;
  onRemove?: ((id: string) => void) | undefined;
}) {
  return (
    <li className="group -mx-2 flex items-center rounded-md pr-1 hover:bg-hover">
      <button
        type="button"
        onClick={() => onOpen(task.id)}
        className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left"
      >
        <StatusGlyph status={task.status} title={STATUS_NAMES[task.status]} />
        <span
          className={clsx(
            "truncate",
            !isOpen(task.status) && "text-ink-3",
            task.status === "canceled" && "line-through",
          )}
        >
          {task.title}
        </span>
      </button>
      {onRemove && (
        <IconButton label={`No longer wait for ${task.title}`} size="xs" onClick={() => onRemove(task.id)}>
          <X />
        </IconButton>
      )}
    </li>
  );
}
