import type { ProjectState, ProjectSummary } from "@ymera/client";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Layers, Plus, RotateCcw } from "lucide-react";
import { useDeferredValue, useEffect } from "react";

import { useClient, useIsOnline, useMe } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { useOverlays } from "#/app/overlays";
import { PageHeader, PageTitle } from "#/app/shell";
import { SealedList } from "#/features/encryption/sealed-list";
import { useMemberships } from "#/app/sidebar";
import { useTitle } from "#/app/title";
import { Button } from "#/ui/button";
import { agoOf, dayOf, momentOf } from "#/ui/dates";
import { Select } from "#/ui/field";
import { SearchField } from "#/ui/search-field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { StateChip } from "./state-chip";
import { PROJECT_STATE_NAMES, PROJECT_STATES } from "./states";

export interface ProjectsSearch {
  q?: string;
  state?: ProjectState;
  deleted?: boolean;
}

/** All projects one can see, with how far they are. */
export function ProjectsPage({ search }: { search: ProjectsSearch }) {
  useTitle("Projects");
  const me = useMe();
  const navigate = useNavigate();
  const { create } = useOverlays();
  const set = (next: Record<keyof ProjectsSearch, unknown>) =>
    void navigate({ to: "/projects", search: next as ProjectsSearch, replace: true });
  const { q, state, deleted } = search;
  return (
    <>
      <PageHeader title={<PageTitle>Projects</PageTitle>}>
        {me.role !== "guest" && (
          <Button size="sm" look="primary" onClick={() => create("project")}>
            <Plus aria-hidden className="size-3.5" /> New project
          </Button>
        )}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-5xl px-4 pt-4 pb-10">
          <div role="search" aria-label="Filter projects" className="mb-3 flex flex-wrap items-center gap-2">
            <SearchField
              label="Find a project"
              placeholder="Find a project…"
              value={q ?? ""}
              onChange={(next) => set({ q: next || undefined, state, deleted })}
            />
            <Select
              aria-label="State"
              className="w-auto!"
              value={deleted ? "deleted" : (state ?? "")}
              onChange={({ target }) =>
                set({
                  q,
                  deleted: target.value === "deleted" || undefined,
                  state: target.value === "deleted" ? undefined : target.value || undefined,
                })
              }
            >
              <option value="">Every state</option>
              {PROJECT_STATES.map((each) => (
                <option key={each} value={each}>
                  {PROJECT_STATE_NAMES[each]}
                </option>
              ))}
              <option value="deleted">Deleted</option>
            </Select>
          </div>
          {!deleted && (
            <SealedList
              form="project"
              query={q ?? ""}
              stands={({ projects }, id) => !state || projects[id]?.state === state}
            />
          )}
          <Projects search={search} />
        </div>
      </div>
    </>
  );
}

function useProjects(search: ProjectsSearch) {
  const client = useClient();
  const queries = useQueryClient();
  const q = useDeferredValue(search.q);
  const { state, deleted = false } = search;
  const online = useIsOnline();
  useEffect(
    () =>
      client.on("event", ({ type }) => {
        if (/^(project|membership|task)\./.test(type))
          void queries.invalidateQueries({ queryKey: ["projects"], refetchType: "active" });
      }),
    [client, queries],
  );
  useEffect(() => {
    if (online) void queries.invalidateQueries({ queryKey: ["projects"] });
  }, [online, queries]);
  return useInfiniteQuery({
    queryKey: ["projects", q ?? "", state ?? "", deleted],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      client.call("project.list", {
        cursor: pageParam,
        deleted,
        ...(q?.trim() && { query: q.trim() }),
        ...(state && { state }),
      }),
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
}

function Projects({ search }: { search: ProjectsSearch }) {
  const me = useMe();
  const { sealed } = useMemberships();
  const online = useIsOnline();
  const { create } = useOverlays();
  const list = useProjects(search);
  if (list.isPending) return online ? <SkeletonRows /> : <OfflineEmpty />;
  if (list.isError)
    return online ? (
      <Failed message={messageOf(list.error)} onRetry={() => void list.refetch()} />
    ) : (
      <OfflineEmpty />
    );
  const rows = list.data.pages.flatMap((page) => page.items);
  if (rows.length > 0)
    return (
      <>
        <ul className="overflow-hidden rounded-lg border">
          {rows.map((row) => (
            <ProjectRow key={row.id} row={row} deleted={search.deleted ?? false} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button
            className="mx-auto mt-4 flex"
            busy={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            More projects
          </Button>
        )}
      </>
    );
  if (search.deleted)
    return (
      <Empty icon={Layers} title="Nothing is deleted">
        Deleted projects wait here for 30 days before they go for good.
      </Empty>
    );
  if (search.q || search.state)
    return (
      <Empty icon={Layers} title="No project matches">
        Try another name or state.
      </Empty>
    );
  return (
    <Empty
      icon={Layers}
      title={sealed.length > 0 ? "No open projects" : "No projects yet"}
      action={
        me.role !== "guest" && (
          <Button look="primary" onClick={() => create("project")}>
            {sealed.length > 0 ? "Create one" : "Create your first project"}
          </Button>
        )
      }
    >
      {me.role === "guest"
        ? "You see the projects that you are added to. Ask whoever invited you."
        : "A project holds its tasks, its conversation and its history."}
    </Empty>
  );
}

function ProjectRow({ row, deleted }: { row: ProjectSummary; deleted: boolean }) {
  const { project } = row;
  return (
    <li className="relative flex min-h-14 items-center gap-4 border-b px-4 py-2 last:border-0 hover:bg-hover has-[a:focus-visible]:bg-hover">
      <div className="min-w-0 flex-1">
        {deleted ? (
          <span className="block truncate text-base font-medium text-ink-2">{project.name}</span>
        ) : (
          <Link
            to="/projects/$projectId"
            params={{ projectId: project.id }}
            className="block truncate text-base font-medium after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent focus-visible:outline-none"
          >
            {project.name}
          </Link>
        )}
        {project.description && <p className="truncate text-xs text-ink-3">{project.description}</p>}
      </div>
      {deleted ? (
        <Restore row={row} />
      ) : (
        <>
          <Progress open={row.open_tasks} done={row.done_tasks} />
          <span className="hidden w-24 sm:block">
            <StateChip state={project.state} />
          </span>
          <time
            dateTime={project.updated_at}
            title={momentOf(project.updated_at)}
            className="hidden w-20 text-right text-xs text-ink-3 tabular md:block"
          >
            {agoOf(project.updated_at)}
          </time>
        </>
      )}
    </li>
  );
}

/** How much of a project's work is done. */
function Progress({ open, done }: { open: number; done: number }) {
  const all = open + done;
  if (all === 0) return <span className="w-36 text-right text-xs text-ink-3">No tasks</span>;
  return (
    <div className="flex w-36 items-center gap-2.5">
      <span
        role="progressbar"
        aria-label="Tasks done"
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={all}
        className="h-1 flex-1 overflow-hidden rounded-full bg-pressed"
      >
        <span
          className="block h-full rounded-full bg-accent-solid"
          style={{ width: `${(100 * done) / all}%` }}
        />
      </span>
      <span className="w-14 text-right text-xs text-ink-3 tabular">
        {done} of {all}
      </span>
    </div>
  );
}

function Restore({ row }: { row: ProjectSummary }) {
  const client = useClient();
  const queries = useQueryClient();
  const { project } = row;
  const restore = async () => {
    await client.call("project.restore", { project_id: project.id });
    await queries.invalidateQueries({ queryKey: ["projects"] });
  };
  return (
    <>
      {project.purge_at && (
        <span className="text-xs text-ink-3">Gone for good on {dayOf(project.purge_at)}</span>
      )}
      <Button size="sm" onClick={() => act(restore(), "The project could not be restored")}>
        <RotateCcw aria-hidden className="size-3.5" /> Restore
      </Button>
    </>
  );
}
