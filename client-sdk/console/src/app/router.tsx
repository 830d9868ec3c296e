import type { ProjectState } from "@ymera/client";
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  Navigate,
  Outlet,
} from "@tanstack/react-router";
import { Compass } from "lucide-react";

import { InvitePage, SetupPage, SignInPage } from "#/features/account/entrance";
import { AgentPage } from "#/features/agents/agent-page";
import { AgentsPage } from "#/features/agents/agents-page";
import { SettingsPage } from "#/features/account/settings-page";
import { EncryptionPage } from "#/features/encryption/encryption-page";
import { JoinPage } from "#/features/encryption/join-page";
import { FilePage } from "#/features/files/file-page";
import { parseFilesSearch } from "#/features/files/search";
import { InboxPage } from "#/features/inbox/inbox-page";
import { MembersPage } from "#/features/members/members-page";
import { BoardPage, type BoardSearch } from "#/features/projects/board-page";
import { ProjectFilesPage } from "#/features/projects/files-page";
import { ProjectFrame } from "#/features/projects/project-frame";
import { ProjectsPage, type ProjectsSearch } from "#/features/projects/projects-page";
import { ProjectSettingsPage } from "#/features/projects/settings-page";
import { PROJECT_STATES } from "#/features/projects/states";
import { TalkPage } from "#/features/projects/talk-page";
import { TaskPage } from "#/features/projects/task-page";
import { QueuePage } from "#/features/queue/queue-page";
import { RoomFilesPage } from "#/features/rooms/room-files-page";
import { RoomPage } from "#/features/rooms/room-page";
import { RoomsPage } from "#/features/rooms/rooms-page";
import { RunPage } from "#/features/runs/run-page";
import { parseFilters } from "#/features/tasks/filters";
import { TriggersPage } from "#/features/triggers/triggers-page";
import { Empty } from "#/ui/states";

import { messageOf } from "./errors";
import { PageHeader, PageTitle, Shell } from "./shell";

type Search = Record<string, unknown>;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= 2_000 ? value : undefined;
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Search): { next?: string } => ({
    ...(text(search["next"]) && { next: text(search["next"]) }),
  }),
  component: function SignIn() {
    return <SignInPage next={signIn.useSearch().next} />;
  },
});

const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: SetupPage });
const invite = createRoute({ getParentRoute: () => root, path: "/invite", component: InvitePage });

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: () => <Navigate to="/projects" replace />,
});

const projects = createRoute({
  getParentRoute: () => shell,
  path: "/projects",
  validateSearch: (search: Search): ProjectsSearch => ({
    ...(text(search["q"]) && { q: text(search["q"]) }),
    ...(PROJECT_STATES.includes(search["state"] as ProjectState) && {
      state: search["state"] as ProjectState,
    }),
    ...(search["deleted"] === true && { deleted: true }),
  }),
  component: function Projects() {
    return <ProjectsPage search={projects.useSearch()} />;
  },
});

const project = createRoute({
  getParentRoute: () => shell,
  path: "/projects/$projectId",
  component: function Project() {
    const { projectId } = project.useParams();
    return <ProjectFrame key={projectId} projectId={projectId} />;
  },
});

const board = createRoute({
  getParentRoute: () => project,
  path: "/",
  validateSearch: (search: Search): BoardSearch => ({
    ...parseFilters(search),
    ...(search["view"] === "list" && { view: "list" }),
    ...(text(search["task"]) && { task: text(search["task"]) }),
  }),
  component: function BoardRoute() {
    return <BoardPage projectId={board.useParams().projectId} search={board.useSearch()} />;
  },
});

const task = createRoute({
  getParentRoute: () => project,
  path: "/tasks/$taskId",
  validateSearch: (search: Search): { message?: string } => ({
    ...(text(search["message"]) && { message: text(search["message"]) }),
  }),
  component: function TaskRoute() {
    return <TaskPage key={task.useParams().taskId} {...task.useParams()} />;
  },
});

const talk = createRoute({
  getParentRoute: () => project,
  path: "/talk",
  validateSearch: (search: Search): { thread?: string; message?: string } => ({
    ...(text(search["thread"]) && { thread: text(search["thread"]) }),
    ...(text(search["message"]) && { message: text(search["message"]) }),
  }),
  component: function Talk() {
    return <TalkPage projectId={talk.useParams().projectId} thread={talk.useSearch().thread} />;
  },
});

const projectFiles = createRoute({
  getParentRoute: () => project,
  path: "/files",
  validateSearch: parseFilesSearch,
  component: function ProjectFiles() {
    return (
      <ProjectFilesPage projectId={projectFiles.useParams().projectId} search={projectFiles.useSearch()} />
    );
  },
});

const run = createRoute({
  getParentRoute: () => project,
  path: "/runs/$runId",
  component: function RunRoute() {
    return <RunPage key={run.useParams().runId} {...run.useParams()} />;
  },
});

const queue = createRoute({
  getParentRoute: () => project,
  path: "/queue",
  component: function Queue() {
    return <QueuePage projectId={queue.useParams().projectId} />;
  },
});

const triggers = createRoute({
  getParentRoute: () => project,
  path: "/triggers",
  component: function Triggers() {
    return <TriggersPage projectId={triggers.useParams().projectId} />;
  },
});

const projectSettings = createRoute({
  getParentRoute: () => project,
  path: "/settings",
  component: function ProjectSettings() {
    return <ProjectSettingsPage projectId={projectSettings.useParams().projectId} />;
  },
});

const rooms = createRoute({ getParentRoute: () => shell, path: "/rooms", component: RoomsPage });

const room = createRoute({
  getParentRoute: () => shell,
  path: "/rooms/$roomId",
  validateSearch: (search: Search): { thread?: string; message?: string; details?: boolean } => ({
    ...(text(search["thread"]) && { thread: text(search["thread"]) }),
    ...(text(search["message"]) && { message: text(search["message"]) }),
    ...(search["details"] === true && { details: true }),
  }),
  component: function RoomRoute() {
    const { thread, details = false } = room.useSearch();
    return <RoomPage roomId={room.useParams().roomId} thread={thread} details={details} />;
  },
});

const roomFiles = createRoute({
  getParentRoute: () => shell,
  path: "/rooms/$roomId/files",
  validateSearch: parseFilesSearch,
  component: function RoomFiles() {
    return <RoomFilesPage roomId={roomFiles.useParams().roomId} search={roomFiles.useSearch()} />;
  },
});

const file = createRoute({
  getParentRoute: () => shell,
  path: "/files/$fileId",
  component: function FileRoute() {
    return <FilePage key={file.useParams().fileId} fileId={file.useParams().fileId} />;
  },
});

const agents = createRoute({
  getParentRoute: () => shell,
  path: "/agents",
  validateSearch: (search: Search): { retired?: true } =>
    search["retired"] === true ? { retired: true } : {},
  component: function Agents() {
    return <AgentsPage retired={agents.useSearch().retired ?? false} />;
  },
});

const agent = createRoute({
  getParentRoute: () => shell,
  path: "/agents/$agentId",
  component: function Agent() {
    return <AgentPage key={agent.useParams().agentId} agentId={agent.useParams().agentId} />;
  },
});

const inbox = createRoute({ getParentRoute: () => shell, path: "/inbox", component: InboxPage });
const members = createRoute({ getParentRoute: () => shell, path: "/members", component: MembersPage });
const settings = createRoute({ getParentRoute: () => shell, path: "/settings", component: SettingsPage });
const encryption = createRoute({
  getParentRoute: () => shell,
  path: "/settings/encryption",
  component: EncryptionPage,
});

const join = createRoute({
  getParentRoute: () => shell,
  path: "/i/$inviteId",
  validateSearch: (search: Search): { asked?: string } => ({
    ...(text(search["asked"]) && { asked: text(search["asked"]) }),
  }),
  component: function Join() {
    const { inviteId } = join.useParams();
    return <JoinPage key={inviteId} inviteId={inviteId} asked={join.useSearch().asked} />;
  },
});

const tree = root.addChildren([
  signIn,
  setup,
  invite,
  shell.addChildren([
    home,
    projects,
    project.addChildren([board, task, talk, projectFiles, queue, run, triggers, projectSettings]),
    rooms,
    room,
    roomFiles,
    file,
    agents,
    agent,
    inbox,
    members,
    settings,
    encryption,
    join,
  ]),
]);

function Lost() {
  return (
    <main className="h-full">
      <Empty
        icon={Compass}
        title="There is no such page"
        action={
          <Link to="/" className="text-sm font-medium text-accent hover:underline">
            Go to your projects
          </Link>
        }
      >
        The address may be mistyped, or what was here has gone.
      </Empty>
    </main>
  );
}

export const router = createRouter({
  routeTree: tree,
  defaultPreload: false,
  scrollRestoration: false,
  defaultErrorComponent: Broken,
});

/** Shown in place of a page that failed to render. */
function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <>
      <PageHeader title={<PageTitle>Something went wrong</PageTitle>} />
      <div role="alert">
        <Empty
          icon={Compass}
          title="This page has failed"
          action={
            <button onClick={reset} className="text-sm font-medium text-accent hover:underline">
              Try again
            </button>
          }
        >
          {messageOf(error)}
        </Empty>
      </div>
    </>
  );
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
