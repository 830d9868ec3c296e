import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import {
  CalendarClock,
  Files,
  ListChecks,
  LockKeyhole,
  MessagesSquare,
  Search,
  Settings2,
  SquareCheckBig,
} from "lucide-react";
import { type ReactNode, useState } from "react";

import { useIsOnline, usePresence } from "#/app/client";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { Gate } from "#/features/encryption/gate";
import { nameIn } from "#/features/encryption/name";
import { NotHere } from "#/features/encryption/not-here";
import { RoomBar } from "#/features/encryption/room-bar";
import { SearchDialog } from "#/features/encryption/search-dialog";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { AvatarStack } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { LabelDot } from "#/ui/chip";
import { Failed, OfflineEmpty, Skeleton } from "#/ui/states";

import { StateChip } from "./state-chip";

/** What the pages of one project have in common: its name, its parts, who is here. */
export function ProjectFrame({ projectId }: { projectId: string }) {
  const view = useProject(projectId);
  const online = useIsOnline();
  useTitle(titleOf(view));
  return (
    <>
      <PageHeader title={<Title view={view} />}>
        <Here view={view} />
        {view.encrypted && <FindHere projectId={projectId} />}
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
          {!view.encrypted && <ServersTabs projectId={projectId} />}
          <Tab to="/projects/$projectId/settings" projectId={projectId} icon={<Settings2 />}>
            Settings
          </Tab>
        </nav>
      </PageHeader>
      {view.error ? (
        <Failed message={view.error.message} />
      ) : view.encrypted ? (
        <Gate>
          <Encrypted view={view} />
        </Gate>
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

function titleOf(view: ProjectView): string {
  if (view.encrypted) return nameIn(view.state, view.id);
  return view.project?.name ?? "Project";
}

/** What the server does for a project, which it cannot do for one that it cannot read. */
function ServersTabs({ projectId }: { projectId: string }) {
  return (
    <>
      <Tab to="/projects/$projectId/queue" projectId={projectId} icon={<ListChecks />}>
        Queue
      </Tab>
      <Tab to="/projects/$projectId/triggers" projectId={projectId} icon={<CalendarClock />}>
        Schedules
      </Tab>
    </>
  );
}

/** Parts of a project that are the server's work. */
const SERVERS: readonly (string | undefined)[] = ["queue", "triggers"];

function Encrypted({ view }: { view: ProjectView }) {
  const online = useIsOnline();
  const part = useRouterState({ select: ({ location }) => location.pathname.split("/")[3] });
  if (!view.ready || view.sealed === null) return online ? <BoardSkeleton /> : <OfflineEmpty />;
  return (
    <>
      <RoomBar sealed={view.sealed} />
      {SERVERS.includes(part) ? <NotHere /> : <Outlet />}
    </>
  );
}

function FindHere({ projectId }: { projectId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label="Search in this project" onClick={() => setOpen(true)}>
        <Search />
      </IconButton>
      <SearchDialog open={open} onOpenChange={setOpen} room={projectId} project />
    </>
  );
}

function Title({ view }: { view: ProjectView }) {
  const { project, encrypted } = view;
  if (!project && !encrypted) return <PageTitle>Project</PageTitle>;
  return (
    <>
      {encrypted ? (
        <LockKeyhole aria-label="Encrypted" className="size-4 shrink-0 text-good" />
      ) : (
        <LabelDot label={view.id} />
      )}
      <PageTitle>{titleOf(view)}</PageTitle>
      {project && project.state !== "active" && (
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
