import type { Task, TaskStatus } from "@ymera/client";
import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { Plus } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";

import { IconButton } from "#/ui/button";
import { StatusGlyph } from "#/ui/glyphs";

import { canMove, STATUS_NAMES } from "./model";
import { QuickAdd } from "./quick-add";

interface ColumnProps {
  status: TaskStatus;
  tasks: readonly Task[];
  /** The status of the task under way by pointer or keyboard, if one is. */
  moving: TaskStatus | null;
  adding: boolean;
  onAdd: (status: TaskStatus | null) => void;
  onCreate: ((status: TaskStatus, title: string) => void) | null;
  /** Gives the board a way to bring the nth card into view. */
  onScroller: (status: TaskStatus, scroll: ((index: number) => void) | null) => void;
  renderCard: (task: Task) => ReactNode;
}

/** One status of the board. */
export function Column({ status, tasks, moving, adding, onAdd, onCreate, ...rest }: ColumnProps) {
  const refuses = moving !== null && !canMove(moving, status);
  return (
    <section
      aria-labelledby={`column-${status}`}
      className={clsx(
        "flex h-full max-w-96 min-w-54 flex-1 shrink-0 flex-col transition-opacity duration-150 max-sm:min-w-72",
        refuses && "opacity-40",
      )}
    >
      <header className="flex h-9 shrink-0 items-center gap-2 px-1.5">
        <StatusGlyph status={status} />
        <h2 id={`column-${status}`} className="text-sm font-semibold">
          {STATUS_NAMES[status]}
        </h2>
        <span className="text-xs text-ink-3 tabular">
          {tasks.length}
          <span className="sr-only"> tasks</span>
        </span>
        {onCreate && (
          <IconButton
            label={`Add a task to ${STATUS_NAMES[status]}`}
            size="xs"
            className="ml-auto"
            onClick={() => onAdd(status)}
          >
            <Plus />
          </IconButton>
        )}
      </header>
      {adding && onCreate && (
        <QuickAdd
          label={`New task in ${STATUS_NAMES[status]}`}
          onCreate={(title) => onCreate(status, title)}
          onClose={() => onAdd(null)}
        />
      )}
      <Cards status={status} tasks={tasks} quiet={adding} {...rest} />
    </section>
  );
}

type CardsProps = Pick<ColumnProps, "status" | "tasks" | "onScroller" | "renderCard"> & {
  /** True: says nothing about being empty. */
  quiet: boolean;
};

/** The cards of a column; only those in sight are rendered. */
function Cards({ status, tasks, quiet, onScroller, renderCard }: CardsProps) {
  const list = useRef<HTMLDivElement>(null);
  const over = useColumnDrop(list, status);
  const rows = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => list.current,
    getItemKey: (index) => tasks[index]?.id ?? index,
    estimateSize: () => 76,
    gap: 8,
    paddingStart: 2,
    paddingEnd: 8,
    overscan: 6,
  });
  useEffect(() => {
    onScroller(status, (index) => rows.scrollToIndex(index, { align: "auto" }));
    return () => onScroller(status, null);
  }, [onScroller, rows, status]);
  return (
    <div
      ref={list}
      data-column={status}
      role={tasks.length > 0 ? "list" : undefined}
      aria-labelledby={`column-${status}`}
      className={clsx(
        "min-h-0 flex-1 overflow-y-auto rounded-lg px-1 transition-colors duration-100",
        over && "bg-accent-soft",
      )}
    >
      {tasks.length === 0 && !quiet && (
        <p className="rounded-lg border border-dashed px-3 py-5 text-center text-xs text-ink-3">No tasks</p>
      )}
      <div className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const task = tasks[row.index];
          if (!task) return null;
          return (
            <div
              key={row.key}
              role="listitem"
              aria-setsize={tasks.length}
              aria-posinset={row.index + 1}
              data-index={row.index}
              ref={rows.measureElement}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {renderCard(task)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Makes a column a place to drop cards that may come here. Returns whether one is over it. */
function useColumnDrop(list: RefObject<HTMLElement | null>, status: TaskStatus): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    return combine(
      autoScrollForElements({ element }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => canMove(source.data["status"] as TaskStatus, status),
        getData: () => ({ kind: "column", status }),
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: () => setOver(false),
      }),
    );
  }, [list, status]);
  return over;
}
