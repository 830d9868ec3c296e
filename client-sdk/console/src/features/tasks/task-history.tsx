import type { Change, LoggedEvent, Priority, TaskStatus } from "@ymera/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { agoOf, dayOf, momentOf } from "#/ui/dates";
import { Skeleton } from "#/ui/states";

import { PRIORITY_NAMES, STATUS_NAMES } from "./model";
import type { TaskProps } from "./task-view";

const FIELD_NAMES: Readonly<Record<string, string>> = {
  title: "Title",
  description: "Description",
  status: "Status",
  priority: "Priority",
  rank: "Place",
  labels: "Labels",
  estimate: "Estimate",
  due: "Due",
  parent_id: "Parent",
  assignees: "Assignees",
  depends_on: "Waits for",
};

/** Every step of a task, newest first: who, when, and each field from what to what. */
export function TaskHistory({ task, view }: TaskProps) {
  const client = useClient();
  const history = useInfiniteQuery({
    queryKey: ["task-history", task.id, task.version, task.blocked],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => client.call("task.history", { task_id: task.id, cursor: pageParam }),
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
  if (history.isError) return <p className="text-sm text-danger">{messageOf(history.error)}</p>;
  if (history.isPending)
    return (
      <div role="status" aria-label="Loading" className="flex flex-col gap-3">
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-4 w-1/2" />
        <Skeleton className="h-4 w-3/5" />
      </div>
    );
  const steps = history.data.pages
    .flatMap((page) => page.items)
    .filter((event) => sentenceOf(event) !== null);
  return (
    <>
      <ol className="flex flex-col gap-3">
        {steps.map((event) => (
          <Step key={event.seq} event={event} view={view} />
        ))}
      </ol>
      {history.hasNextPage && (
        <Button
          size="sm"
          look="ghost"
          className="mt-3"
          busy={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Earlier steps
        </Button>
      )}
    </>
  );
}

function Step({ event, view }: { event: LoggedEvent; view: TaskProps["view"] }) {
  const actor = view.nameOf(event.actor);
  const changes = changesOf(event);
  return (
    <li className="flex gap-2.5">
      <Avatar id={event.actor ?? "server"} name={actor} />
      <div className="min-w-0 flex-1 pt-0.5">
        <p>
          <span className="font-medium">{actor}</span> <span className="text-ink-2">{sentenceOf(event)}</span>{" "}
          <time
            dateTime={event.at}
            title={momentOf(event.at)}
            className="text-2xs whitespace-nowrap text-ink-3"
          >
            {agoOf(event.at)}
          </time>
        </p>
        {changes.map((change) => (
          <ChangeLine key={change.field} change={change} view={view} />
        ))}
      </div>
    </li>
  );
}

function ChangeLine({ change, view }: { change: Change; view: TaskProps["view"] }) {
  if (change.field === "rank") return null;
  const long = change.field === "description" || change.field === "title";
  const before = wordsFor(change.field, change.before, view);
  const after = wordsFor(change.field, change.after, view);
  return (
    <p
      className={
        long ? "mt-1 flex flex-col gap-1 text-xs" : "mt-1 flex flex-wrap items-center gap-x-1.5 text-xs"
      }
    >
      <span className="text-ink-3">{FIELD_NAMES[change.field] ?? change.field}</span>
      <del className="line-clamp-4 text-ink-3 decoration-ink-3/60">{before}</del>
      {!long && <ArrowRight aria-label="to" className="size-3 text-ink-3" />}
      <ins className="line-clamp-4 text-ink no-underline">{after}</ins>
    </p>
  );
}

function changesOf(event: LoggedEvent): Change[] {
  const changes = event.data["changes"];
  return Array.isArray(changes) ? (changes as Change[]) : [];
}

/** What an event did, after the actor's name; null for events that history leaves out. */
function sentenceOf(event: LoggedEvent): string | null {
  switch (event.type) {
    case "task.created":
      return "created the task";
    case "task.deleted":
      return "deleted the task";
    case "task.blocked":
      return (event.data["task"] as { blocked?: boolean } | undefined)?.blocked
        ? "made this wait again"
        : "freed this to start";
    case "message.sent":
      return "commented";
    case "task.updated": {
      const fields = changesOf(event).map(({ field }) => field);
      if (fields.length === 1 && fields[0] === "rank") return "moved it within the board";
      return `changed ${
        fields
          .filter((field) => field !== "rank")
          .map((field) => (FIELD_NAMES[field] ?? field).toLowerCase())
          .join(", ") || "it"
      }`;
    }
    default:
      return null;
  }
}

/** A field's value in words. */
function wordsFor(field: string, value: Change["before"], view: TaskProps["view"]): string {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return "nothing";
  if (Array.isArray(value)) return listOf(field, value, view);
  if (field === "status") return STATUS_NAMES[value as TaskStatus];
  if (field === "priority") return PRIORITY_NAMES[value as Priority];
  if (field === "due") return dayOf(String(value));
  if (field === "estimate") return `${String(value)} h`;
  if (field === "parent_id") return view.tasks[String(value)]?.title ?? "a deleted task";
  return String(value);
}

function listOf(field: string, values: readonly string[], view: TaskProps["view"]): string {
  if (field === "assignees") return values.map((id) => view.nameOf(id)).join(", ");
  if (field === "depends_on") return values.map((id) => view.tasks[id]?.title ?? "a deleted task").join(", ");
  return values.join(", ");
}
