import type { Task } from "@ymera/client";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { draggable, dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { attachClosestEdge, extractClosestEdge } from "@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge";
import type { Edge } from "@atlaskit/pragmatic-drag-and-drop-hitbox/types";
import clsx from "clsx";
import { Ban, CalendarDays, Clock, ListTree, MessageSquare } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";

import { AvatarStack } from "#/ui/avatar";
import { Chip, LabelChip } from "#/ui/chip";
import { dayOf, today } from "#/ui/dates";
import { PriorityGlyph } from "#/ui/glyphs";

import { useTouched } from "#/ui/use-touched";

import { CardMenu } from "./card-menu";
import { isOpen, PRIORITY_NAMES } from "./model";

const MAX_LABELS_SHOWN = 3;

export interface CardPerson {
  id: string;
  name: string;
  agent: boolean;
}

interface CardProps {
  task: Task;
  parent: string | undefined;
  people: readonly CardPerson[];
  subtasks: { done: number; all: number } | undefined;
  editable: boolean;
  selected: boolean;
  carried: boolean;
  onOpen: (id: string) => void;
  onKey: (event: KeyboardEvent, task: Task) => void;
}

/** A task on the board. The title is the one control; the whole card follows it. */
export const Card = memo(function Card({
  task,
  parent,
  people,
  subtasks,
  editable,
  selected,
  carried,
  onOpen,
  onKey,
}: CardProps) {
  const { ref, dragging, edge } = useCardDrag(task, editable);
  const { touched, ...touch } = useTouched();
  const facts =
    task.blocked ||
    task.due !== null ||
    task.estimate !== null ||
    subtasks !== undefined ||
    task.comment_count > 0;
  const footer = facts || task.priority !== "none" || task.labels.length > 0 || people.length > 0;
  return (
    <article
      ref={ref}
      {...touch}
      aria-label={task.title}
      className={clsx(
        "group relative rounded-lg border bg-raised px-3 py-2.5 shadow-card transition-[border-color,box-shadow,opacity] duration-100",
        "has-[[data-task]:focus-visible]:border-accent has-[[data-task]:focus-visible]:ring-1 has-[[data-task]:focus-visible]:ring-accent",
        selected
          ? "border-accent/70 bg-[color-mix(in_oklab,var(--color-accent)_4%,var(--color-raised))]"
          : "hover:border-line-strong",
        dragging && "opacity-40",
        carried && "z-10 border-accent shadow-pop ring-1 ring-accent",
      )}
    >
      {edge && (
        <span
          aria-hidden
          className={clsx(
            "pointer-events-none absolute inset-x-0 z-10 h-0.5 rounded-full bg-accent",
            edge === "top" ? "-top-1.25" : "-bottom-1.25",
          )}
        />
      )}
      {parent && (
        <p className="mb-0.5 flex items-center gap-1 truncate text-2xs text-ink-3">
          <ListTree aria-hidden className="size-3 shrink-0" />
          <span className="truncate">{parent}</span>
        </p>
      )}
      <button
        type="button"
        data-task={task.id}
        aria-describedby={editable ? "board-keys" : undefined}
        onClick={() => onOpen(task.id)}
        onKeyDown={(event) => onKey(event, task)}
        className={clsx(
          "block w-full text-left text-sm leading-snug font-medium text-pretty outline-none after:absolute after:inset-0 after:rounded-lg",
          !isOpen(task.status) && "text-ink-2",
          task.status === "canceled" && "line-through decoration-ink-3",
        )}
      >
        <span className="line-clamp-3 pr-4">{task.title}</span>
      </button>
      {footer && (
        <div className="mt-2 flex items-end gap-2">
          <Facts task={task} subtasks={subtasks} />
          {people.length > 0 && (
            <span className="ml-auto shrink-0">
              <AvatarStack people={people} />
              <span className="sr-only">Assigned to {people.map(({ name }) => name).join(", ")}</span>
            </span>
          )}
        </div>
      )}
      {touched && editable && <CardMenu task={task} />}
    </article>
  );
});

function Facts({ task, subtasks }: { task: Task; subtasks: CardProps["subtasks"] }) {
  const late = task.due !== null && isOpen(task.status) && task.due < today();
  return (
    <div className="flex min-h-5.5 min-w-0 flex-1 flex-wrap items-center gap-1.5 text-2xs text-ink-3">
      {task.priority !== "none" && (
        <PriorityGlyph priority={task.priority} title={PRIORITY_NAMES[task.priority]} className="mr-0.5" />
      )}
      {task.blocked && isOpen(task.status) && (
        <Chip tone="danger">
          <Ban aria-hidden /> Blocked
        </Chip>
      )}
      {task.labels.slice(0, MAX_LABELS_SHOWN).map((label) => (
        <LabelChip key={label} label={label} />
      ))}
      {task.labels.length > MAX_LABELS_SHOWN && <span>+{task.labels.length - MAX_LABELS_SHOWN}</span>}
      {task.due !== null && (
        <Chip tone={late ? "warn" : "plain"}>
          <CalendarDays aria-hidden />
          <span className="sr-only">Due </span>
          {dayOf(task.due)}
        </Chip>
      )}
      {subtasks && (
        <span className="inline-flex items-center gap-1 tabular">
          <ListTree aria-hidden className="size-3" />
          <span className="sr-only">Subtasks done: </span>
          {subtasks.done}/{subtasks.all}
        </span>
      )}
      {task.estimate !== null && (
        <span className="inline-flex items-center gap-1 tabular">
          <Clock aria-hidden className="size-3" />
          <span className="sr-only">Estimate </span>
          {task.estimate} h
        </span>
      )}
      {task.comment_count > 0 && (
        <span className="inline-flex items-center gap-1 tabular">
          <MessageSquare aria-hidden className="size-3" />
          {task.comment_count}
          <span className="sr-only"> comments</span>
        </span>
      )}
    </div>
  );
}

/** Makes an element a card that can be dragged, and before or after which others can be dropped. */
function useCardDrag({ id, status }: Task, editable: boolean) {
  const ref = useRef<HTMLElement>(null);
  const [dragging, setDragging] = useState(false);
  const [edge, setEdge] = useState<Edge | null>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element || !editable) return;
    return combine(
      draggable({
        element,
        getInitialData: () => ({ kind: "task", id, status }),
        onDragStart: () => setDragging(true),
        onDrop: () => setDragging(false),
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data["kind"] === "task" && source.data["id"] !== id,
        getData: ({ input }) =>
          attachClosestEdge({ kind: "card", id }, { element, input, allowedEdges: ["top", "bottom"] }),
        onDrag: ({ self }) => setEdge(extractClosestEdge(self.data)),
        onDragLeave: () => setEdge(null),
        onDrop: () => setEdge(null),
      }),
    );
  }, [id, status, editable]);
  return { ref, dragging, edge };
}
