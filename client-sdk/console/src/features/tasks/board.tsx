import type { Task, TaskStatus } from "@ymera/client";
import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { extractClosestEdge } from "@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { useShortcuts } from "#/app/shortcuts";
import { announce } from "#/ui/announcer";
import { Keys } from "#/ui/keys";
import { useStable } from "#/ui/use-stable";

import { createTask, moveTask } from "./actions";
import { Card, type CardPerson } from "./card";
import { type Carry, useBoardKeys } from "./use-board-keys";
import { Column } from "./column";
import { type Filters, matches } from "./filters";
import { type Columns, columnsOf, lastRank, placeAt, STATUS_NAMES, STATUSES } from "./model";
import type { ProjectView } from "./use-project";

interface BoardProps {
  view: ProjectView;
  filters: Filters;
  selected: string | undefined;
  onOpen: (id: string) => void;
}

const NO_PEOPLE: readonly CardPerson[] = [];

/** A project's tasks by status. Cards move by pointer, by keyboard and from their menus. */
export function Board({ view, filters, selected, onOpen }: BoardProps) {
  const client = useClient();
  const me = useMe();
  const { tasks, access } = view;
  const [adding, setAdding] = useState<TaskStatus | null>(null);
  const ground = useRef<HTMLDivElement>(null);
  const columns = useMemo(
    () => columnsOf(Object.values(tasks).filter((task) => matches(task, filters))),
    [tasks, filters],
  );
  const move = (task: Task, status: TaskStatus, index: number) => {
    const place = placeAt(columns[status], task.id, index);
    const changes = { ...place, ...(status !== task.status && { status }) };
    act(moveTask(client, task, changes), "The task could not be moved");
    announce(`${task.title} is now number ${index + 1} in ${STATUS_NAMES[status]}.`);
  };
  const dragged = usePointerMoves(ground, columns, tasks, move);
  const keys = useBoardKeys(ground, columns, access.canEdit, move);
  const shown = useMemo(() => withCarried(columns, tasks, keys.carry), [columns, tasks, keys.carry]);
  const open = useStable(onOpen);
  const facts = useCardFacts(tasks, view.people);
  const create = (status: TaskStatus, title: string) => {
    act(
      createTask(client, uuidv7(), lastRank(tasks), me.id, { project_id: view.id, title, status }),
      "The task could not be added",
    );
  };
  useShortcuts({
    ...(access.canEdit && { n: () => setAdding(keys.focusedColumn() ?? "todo") }),
    ...(!selected && { arrowdown: keys.enter, arrowright: keys.enter }),
  });
  const moving = dragged?.status ?? keys.carry?.task.status ?? null;
  const visible = STATUSES.filter(
    (status) => status !== "canceled" || columns.canceled.length > 0 || keys.carry?.status === status,
  );
  return (
    <div ref={ground} className="relative flex min-h-0 flex-1 gap-3 overflow-x-auto px-4 pt-2">
      <p id="board-keys" className="sr-only">
        Press Space to pick this task up and carry it with the arrow keys.
      </p>
      {keys.carry && <CarryHint title={keys.carry.task.title} />}
      {visible.map((status) => (
        <Column
          key={status}
          status={status}
          tasks={shown[status]}
          moving={moving}
          adding={adding === status}
          onAdd={setAdding}
          onCreate={access.canEdit ? create : null}
          onScroller={keys.setScroller}
          renderCard={(task) => (
            <Card
              task={task}
              parent={task.parent_id ? tasks[task.parent_id]?.title : undefined}
              people={facts.people.get(task.id) ?? NO_PEOPLE}
              subtasks={facts.subtasks.get(task.id)}
              editable={access.canEdit}
              selected={task.id === selected}
              carried={keys.carry?.task.id === task.id}
              onOpen={open}
              onKey={keys.onKey}
            />
          )}
        />
      ))}
    </div>
  );
}

/** Says, to those who see, what the keys do while a task is carried. */
function CarryHint({ title }: { title: string }) {
  return (
    <div
      aria-hidden
      className="fixed bottom-6 left-1/2 z-30 flex max-w-[calc(100vw-2rem)] -translate-x-1/2 animate-rise items-center gap-4 rounded-lg bg-raised px-4 py-2.5 text-xs text-ink-2 shadow-pop md:ml-31"
    >
      <span className="max-w-64 truncate font-medium text-ink">{title}</span>
      {HINTS.map(([combo, does]) => (
        <span key={does} className="flex shrink-0 items-center gap-1.5">
          <Keys combo={combo} /> {does}
        </span>
      ))}
    </div>
  );
}

const HINTS = [
  ["up+down+left+right", "carry"],
  ["space", "put down"],
  ["esc", "leave"],
] as const;

/** The columns with a task that is being carried shown where it would be put down. */
function withCarried(columns: Columns, tasks: Readonly<Record<string, Task>>, carry: Carry | null): Columns {
  const task = carry && tasks[carry.task.id];
  if (!task) return columns;
  const without = Object.fromEntries(
    STATUSES.map((status) => [status, columns[status].filter(({ id }) => id !== task.id)]),
  ) as Record<TaskStatus, Task[]>;
  without[carry.status].splice(carry.index, 0, task);
  return without;
}

/** Listens to drags of cards and says where they are dropped. Returns the task being dragged. */
function usePointerMoves(
  ground: RefObject<HTMLElement | null>,
  columns: Columns,
  tasks: Readonly<Record<string, Task>>,
  move: (task: Task, status: TaskStatus, index: number) => void,
): Task | undefined {
  const [dragged, setDragged] = useState<string | null>(null);
  const latest = useRef({ columns, tasks, move });
  useEffect(() => {
    latest.current = { columns, tasks, move };
  });
  useEffect(() => {
    const element = ground.current;
    if (!element) return;
    return combine(
      autoScrollForElements({ element }),
      monitorForElements({
        canMonitor: ({ source }) => source.data["kind"] === "task",
        onDragStart: ({ source }) => setDragged(String(source.data["id"])),
        onDrop: ({ source, location }) => {
          setDragged(null);
          const targets = location.current.dropTargets;
          const column = targets.find(({ data }) => data["kind"] === "column");
          const task = latest.current.tasks[String(source.data["id"])];
          if (!task || !column) return;
          const status = column.data["status"] as TaskStatus;
          const others = latest.current.columns[status].filter(({ id }) => id !== task.id);
          const card = targets.find(({ data }) => data["kind"] === "card");
          const at = card ? others.findIndex(({ id }) => id === card.data["id"]) : -1;
          const index =
            card && at >= 0 ? at + (extractClosestEdge(card.data) === "bottom" ? 1 : 0) : others.length;
          const stays =
            status === task.status &&
            latest.current.columns[status].findIndex(({ id }) => id === task.id) === index;
          if (!stays) latest.current.move(task, status, index);
        },
      }),
    );
  }, [ground]);
  return dragged === null ? undefined : tasks[dragged];
}

/** What cards show that is not in their task: faces and how many subtasks are done. */
function useCardFacts(tasks: Readonly<Record<string, Task>>, participants: ProjectView["people"]) {
  return useMemo(() => {
    const known = new Map(
      participants.map(({ id, name, kind }) => [id, { id, name, agent: kind === "agent" }]),
    );
    const people = new Map<string, CardPerson[]>();
    const subtasks = new Map<string, { done: number; all: number }>();
    for (const task of Object.values(tasks)) {
      if (task.assignees.length > 0)
        people.set(
          task.id,
          task.assignees.map((id) => known.get(id) ?? { id, name: "Someone", agent: false }),
        );
      if (task.parent_id === null || task.status === "canceled") continue;
      const count = subtasks.get(task.parent_id) ?? { done: 0, all: 0 };
      subtasks.set(task.parent_id, {
        done: count.done + (task.status === "done" ? 1 : 0),
        all: count.all + 1,
      });
    }
    return { people, subtasks };
  }, [tasks, participants]);
}
