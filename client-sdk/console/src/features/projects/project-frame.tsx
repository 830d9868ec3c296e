import { Link, Outlet } from "@tanstack/react-router";
import { CalendarClock, Files, ListChecks, SquareCheckBig, MessagesSquare, Settings2 } from "lucide-react";
import type { ReactNode } from "react";

import { useIsOnline, usePresence } from "#/app/client";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { AvatarStack } from "#/ui/avatar";
import { LabelDot } from "#/ui/chip";
import { Failed, OfflineEmpty, Skeleton } from "#/ui/states";

import { StateChip } from "./state-chip";

/** What the pages of one project have in common: its name, its parts, who is here. */
export function ProjectFrame({ projectId }: { projectId: string }) {
  const view = useProject(projectId);
  const online = useIsOnline();
  useTitle(view.project?.name ?? "Project");
  return (
    <>
      <PageHeader title={<Title view={view} />}>
        <Here view={view} />
        <nav aria-label="Project" className="flex items-center">
          <Tab to="/projects/$projectId" projectId={projectId} icon={<SquareCheckBig />} exact>
            Tasks
          </Tab>
          <Tab to="/projects/$projectId/talk" projectId={projectId} icon={<MessagesSquare />}>
            Talk
          </Tab>
          <Tab to="/projects/$projectId/files" projectId={projectId} icon={<Files />}>
            Files
          </Tab>
          <Tab to="/projects/$projectId/queue" projectId={projectId} icon={<ListChecks />}>
            Queue
          </Tab>
          <Tab to="/projects/$projectId/triggers" projectId={projectId} icon={<CalendarClock />}>
            Schedules
          </Tab>
          <Tab to="/projects/$projectId/settings" projectId={projectId} icon={<Settings2 />}>
            Settings
          </Tab>
        </nav>
      </PageHeader>
      {view.error ? (
        <Failed message={view.error.message} />
      ) : view.ready ? (
        <Outlet />
      ) : online ? (
        <BoardSkeleton />
      ) : (
        <OfflineEmpty />
      )}
    </>
  );
}

function Title({ view }: { view: ProjectView }) {
  const { project } = view;
  if (!project) return <PageTitle>Project</PageTitle>;
  return (
    <>
      <LabelDot label={project.id} />
      <PageTitle>{project.name}</PageTitle>
      {project.state !== "active" && (
        <span className="hidden sm:inline">
          <StateChip state={project.state} />
        </span>
      )}
    </>
  );
}

/** Who looks at this project right now. */
function Here({ view }: { view: ProjectView }) {
  const presence = usePresence(view.room);
  const people = Object.keys(presence).map((id) => ({ id, name: view.nameOf(id) }));
  if (people.length < 2) return null;
  return (
    <span className="mr-2 hidden sm:block" title={`Here now: ${people.map(({ name }) => name).join(", ")}`}>
      <AvatarStack people={people} />
      <span className="sr-only">Here now: {people.map(({ name }) => name).join(", ")}</span>
    </span>
  );
}

interface TabProps {
  to: `/projects/$projectId${"" | "/talk" | "/files" | "/queue" | "/triggers" | "/settings"}`;
  projectId: string;
  icon: ReactNode;
  exact?: boolean;
  children: string;
}

function Tab({ to, projectId, icon, exact = false, children }: TabProps) {
  return (
    <Link
      to={to}
      params={{ projectId }}
      activeOptions={{ exact, includeSearch: false }}
      className="flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-pressed aria-[current=page]:text-ink [&>svg]:size-3.5"
    >
      {icon}
      <span className="max-sm:sr-only">{children}</span>
    </Link>
  );
}

function BoardSkeleton() {
  return (
    <div role="status" aria-label="Loading the board" className="flex flex-1 gap-3 overflow-hidden px-4 pt-4">
      {[3, 5, 2, 1].map((cards, column) => (
        <div key={column} className="flex min-w-64 flex-1 flex-col gap-2">
          <Skeleton className="mb-2 h-4 w-24" />
          {Array.from({ length: cards }, (_, card) => (
            <Skeleton key={card} className="h-20 rounded-lg" />
          ))}
        </div>
      ))}
    </div>
  );
}
