import type { Task } from "@ymera/client";
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { Ban, ChevronRight, MessageSquare } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";

import { AvatarStack } from "#/ui/avatar";
import { Chip, LabelChip } from "#/ui/chip";
import { dayOf, today } from "#/ui/dates";
import { PriorityGlyph, StatusGlyph } from "#/ui/glyphs";

import { type Filters, matches } from "./filters";
import { columnsOf, isOpen, PRIORITY_NAMES, STATUS_NAMES, STATUSES } from "./model";
import type { ProjectView } from "./use-project";

interface ListProps {
  view: ProjectView;
  filters: Filters;
  selected: string | undefined;
  onOpen: (id: string) => void;
}

type Line = { kind: "group"; status: Task["status"]; count: number } | { kind: "task"; task: Task };

/** A project's tasks as lines, grouped by status. */
export function TaskList({ view, filters, selected, onOpen }: ListProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set(["canceled"]));
  const ground = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => {
    const columns = columnsOf(Object.values(view.tasks).filter((task) => matches(task, filters)));
    return STATUSES.filter((status) => columns[status].length > 0).flatMap((status): Line[] => [
      { kind: "group", status, count: columns[status].length },
      ...(closed.has(status) ? [] : columns[status].map((task): Line => ({ kind: "task", task }))),
    ]);
  }, [view.tasks, filters, closed]);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => ground.current,
    estimateSize: () => 36,
    overscan: 12,
    getItemKey: (index) => {
      const line = lines[index];
      return line?.kind === "task" ? line.task.id : (line?.status ?? index);
    },
  });
  const toggle = (status: string) => {
    const next = new Set(closed);
    if (!next.delete(status)) next.add(status);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const controls = [...(ground.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
    const at = controls.indexOf(document.activeElement as HTMLElement);
    controls[at + step]?.focus();
    event.preventDefault();
  };
  return (
    <div ref={ground} onKeyDown={onKeyDown} className="min-h-0 flex-1 overflow-y-auto pt-2 pb-6">
      <div className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const line = lines[row.index];
          return (
            line && (
              <div
                key={row.key}
                className="absolute inset-x-0 top-0 h-9"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {line.kind === "group" ? (
                  <Group {...line} open={!closed.has(line.status)} onToggle={() => toggle(line.status)} />
                ) : (
                  <TaskLine
                    task={line.task}
                    view={view}
                    selected={line.task.id === selected}
                    onOpen={onOpen}
                  />
                )}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Group({
  status,
  count,
  open,
  onToggle,
}: {
  status: Task["status"];
  count: number;
  open: boolean;
  onToggle: () => void;
}) {
  return (
    <button
      type="button"
      data-line
      aria-expanded={open}
      onClick={onToggle}
      className="flex h-full w-full items-center gap-2 bg-canvas px-4 text-left focus-visible:-outline-offset-2"
    >
      <ChevronRight
        aria-hidden
        className={clsx("size-3.5 text-ink-3 transition-transform duration-100", open && "rotate-90")}
      />
      <StatusGlyph status={status} />
      <span className="font-semibold">{STATUS_NAMES[status]}</span>
      <span className="text-xs text-ink-3 tabular">{count}</span>
    </button>
  );
}

function TaskLine({
  task,
  view,
  selected,
  onOpen,
}: {
  task: Task;
  view: ProjectView;
  selected: boolean;
  onOpen: (id: string) => void;
}) {
  const late = task.due !== null && isOpen(task.status) && task.due < today();
  const people = task.assignees.map((id) => ({ id, name: view.nameOf(id) }));
  return (
    <button
      type="button"
      data-line
      onClick={() => onOpen(task.id)}
      className={clsx(
        "flex h-full w-full items-center gap-2.5 border-b px-4 text-left hover:bg-hover focus-visible:-outline-offset-2",
        selected && "bg-accent-soft",
      )}
    >
      <PriorityGlyph priority={task.priority} title={PRIORITY_NAMES[task.priority]} />
      <StatusGlyph status={task.status} title={STATUS_NAMES[task.status]} />
      <span
        className={clsx(
          "min-w-0 flex-1 truncate font-medium",
          !isOpen(task.status) && "text-ink-2",
          task.status === "canceled" && "line-through decoration-ink-3",
        )}
      >
        {task.title}
      </span>
      {task.blocked && isOpen(task.status) && (
        <Chip tone="danger">
          <Ban aria-hidden /> Blocked
        </Chip>
      )}
      <span className="hidden items-center gap-1.5 lg:flex">
        {task.labels.slice(0, 3).map((label) => (
          <LabelChip key={label} label={label} />
        ))}
      </span>
      {task.comment_count > 0 && (
        <span className="hidden items-center gap-1 text-2xs text-ink-3 tabular sm:inline-flex">
          <MessageSquare aria-hidden className="size-3" />
          {task.comment_count}
          <span className="sr-only"> comments</span>
        </span>
      )}
      {task.due !== null && (
        <span className={clsx("hidden text-xs tabular sm:inline", late ? "text-warn" : "text-ink-3")}>
          {dayOf(task.due)}
        </span>
      )}
      {people.length > 0 && (
        <>
          <AvatarStack people={people} />
          <span className="sr-only">Assigned to {people.map(({ name }) => name).join(", ")}</span>
        </>
      )}
    </button>
  );
}
