import { useNavigate, useParams } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  Bot,
  Hash,
  Inbox,
  Keyboard,
  Layers,
  LockKeyhole,
  LogOut,
  MessageSquare,
  Moon,
  Plus,
  Settings,
  Sun,
  Users,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useMemo, useState } from "react";

import { nameIn } from "#/features/encryption/name";
import { useSealedRoom } from "#/features/encryption/use-sealed";
import { STATUS_NAMES, isOpen } from "#/features/tasks/model";
import { useOpenDirect } from "#/features/rooms/open-direct";
import { Avatar } from "#/ui/avatar";
import { LabelDot } from "#/ui/chip";
import { useFocusBack } from "#/ui/focus";
import { StatusGlyph } from "#/ui/glyphs";
import { Keys } from "#/ui/keys";

import { useDirectory, useMe, useRoom } from "./client";
import { useOverlays } from "./overlays";
import { useMemberships } from "./sidebar";
import { setTheme } from "./theme";
import { useSignOut } from "./user-menu";

/** The tasks that can be found here: those that are open, then those that changed last. */
const MAX_TASKS = 200;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** One box for going anywhere and doing anything. */
export function Palette({ open, onOpenChange }: Props) {
  const focus = useFocusBack();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.remember}
          onCloseAutoFocus={focus.giveBack}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl bg-raised shadow-dialog focus-visible:outline-none"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Body close={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Body({ close }: { close: () => void }) {
  const [query, setQuery] = useState("");
  const { projectId } = useParams({ strict: false });
  const act = (run: () => void) => () => {
    close();
    run();
  };
  return (
    <Command label="Search and commands" loop>
      <Command.Input
        value={query}
        onValueChange={setQuery}
        placeholder={projectId ? "Find a task, a place or a command…" : "Find a place or a command…"}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base focus-visible:outline-none"
      />
      <Command.List className="max-h-[min(26rem,60vh)] overflow-y-auto p-1.5" label="Results">
        <Command.Empty className="px-3 py-8 text-center text-sm text-ink-3">
          Nothing matches “{query}”.
        </Command.Empty>
        <Actions act={act} />
        <Places act={act} />
        {projectId && <Tasks projectId={projectId} act={act} />}
        <People act={act} />
      </Command.List>
    </Command>
  );
}

type Act = (run: () => void) => () => void;

const GROUP =
  "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3";

function Item({
  value,
  icon,
  keys,
  note,
  onSelect,
  children,
}: {
  value: string;
  icon: ReactNode;
  keys?: string;
  note?: string;
  onSelect: () => void;
  children: string;
}) {
  return (
    <Command.Item
      // What is typed is compared with this; the id at its end tells namesakes apart.
      value={`${children} ${value}`}
      onSelect={onSelect}
      className="flex h-9 select-none items-center gap-3 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover"
    >
      <span aria-hidden className="flex size-4 items-center justify-center text-ink-3 [&>svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note && <span className="text-xs text-ink-3">{note}</span>}
      {keys && <Keys combo={keys} />}
    </Command.Item>
  );
}

function Tasks({ projectId, act }: { projectId: string; act: Act }) {
  const navigate = useNavigate();
  const { tasks } = useRoom(projectId).state;
  const shown = useMemo(
    () =>
      Object.values(tasks)
        .sort(
          (a, b) =>
            Number(isOpen(b.status)) - Number(isOpen(a.status)) || (a.updated_at < b.updated_at ? 1 : -1),
        )
        .slice(0, MAX_TASKS),
    [tasks],
  );
  return (
    <Command.Group heading="Tasks of this project" className={GROUP}>
      {shown.map((task) => (
        <Item
          key={task.id}
          value={task.id}
          icon={<StatusGlyph status={task.status} />}
          note={STATUS_NAMES[task.status]}
          onSelect={act(
            () =>
              void navigate({
                to: "/projects/$projectId/tasks/$taskId",
                params: { projectId, taskId: task.id },
              }),
          )}
        >
          {task.title}
        </Item>
      ))}
    </Command.Group>
  );
}

function Actions({ act }: { act: Act }) {
  const me = useMe();
  const signOut = useSignOut();
  const { create, openHelp } = useOverlays();
  const maker = me.role !== "guest";
  return (
    <Command.Group heading="Commands" className={GROUP}>
      <Item value="new task" icon={<Plus />} keys="c" onSelect={act(() => create("task"))}>
        New task
      </Item>
      {maker && (
        <Item value="new project" icon={<Plus />} onSelect={act(() => create("project"))}>
          New project
        </Item>
      )}
      {maker && (
        <Item value="new channel" icon={<Plus />} onSelect={act(() => create("channel"))}>
          New channel
        </Item>
      )}
      {maker && (
        <Item
          value="new encrypted conversation"
          icon={<LockKeyhole />}
          onSelect={act(() => create("encrypted"))}
        >
          New encrypted conversation
        </Item>
      )}
      {maker && (
        <Item value="new agent" icon={<Plus />} onSelect={act(() => create("agent"))}>
          New agent
        </Item>
      )}
      <Item value="new direct message" icon={<MessageSquare />} onSelect={act(() => create("direct"))}>
        New direct message
      </Item>
      <Item value="theme light" icon={<Sun />} onSelect={act(() => setTheme("light"))}>
        Theme: light
      </Item>
      <Item value="theme dark" icon={<Moon />} onSelect={act(() => setTheme("dark"))}>
        Theme: dark
      </Item>
      <Item value="theme system" icon={<Moon />} onSelect={act(() => setTheme("system"))}>
        Theme: as the system
      </Item>
      <Item value="keyboard shortcuts" icon={<Keyboard />} keys="?" onSelect={act(openHelp)}>
        Keyboard shortcuts
      </Item>
      <Item value="sign out" icon={<LogOut />} onSelect={act(signOut)}>
        Sign out
      </Item>
    </Command.Group>
  );
}

function Places({ act }: { act: Act }) {
  const navigate = useNavigate();
  const { projects, channels, sealed } = useMemberships();
  return (
    <Command.Group heading="Go to" className={GROUP}>
      <Item
        value="go inbox"
        icon={<Inbox />}
        keys="g i"
        onSelect={act(() => void navigate({ to: "/inbox" }))}
      >
        Inbox
      </Item>
      <Item
        value="go projects"
        icon={<Layers />}
        keys="g p"
        onSelect={act(() => void navigate({ to: "/projects" }))}
      >
        Projects
      </Item>
      <Item
        value="go conversations"
        icon={<MessageSquare />}
        keys="g c"
        onSelect={act(() => void navigate({ to: "/rooms" }))}
      >
        Conversations
      </Item>
      <Item
        value="go agents"
        icon={<Bot />}
        keys="g a"
        onSelect={act(() => void navigate({ to: "/agents" }))}
      >
        Agents
      </Item>
      <Item
        value="go members"
        icon={<Users />}
        keys="g m"
        onSelect={act(() => void navigate({ to: "/members" }))}
      >
        Members
      </Item>
      <Item
        value="go settings"
        icon={<Settings />}
        keys="g s"
        onSelect={act(() => void navigate({ to: "/settings" }))}
      >
        Settings
      </Item>
      {projects.map(({ id, name }) => (
        <Item
          key={id}
          value={id}
          icon={<LabelDot label={id} />}
          note="Project"
          onSelect={act(() => void navigate({ to: "/projects/$projectId", params: { projectId: id } }))}
        >
          {name}
        </Item>
      ))}
      {channels.map(({ id, name }) => (
        <Item
          key={id}
          value={id}
          icon={<Hash />}
          note="Channel"
          onSelect={act(() => void navigate({ to: "/rooms/$roomId", params: { roomId: id } }))}
        >
          {name}
        </Item>
      ))}
      {sealed.map(({ id }) => (
        <SealedPlace key={id} id={id} act={act} />
      ))}
    </Command.Group>
  );
}

function SealedPlace({ id, act }: { id: string; act: Act }) {
  const navigate = useNavigate();
  const { state } = useRoom(id);
  const project = useSealedRoom(id)?.form === "project";
  return (
    <Item
      value={id}
      icon={<LockKeyhole />}
      note="Encrypted"
      onSelect={act(
        () =>
          void (project
            ? navigate({ to: "/projects/$projectId", params: { projectId: id } })
            : navigate({ to: "/rooms/$roomId", params: { roomId: id } })),
      )}
    >
      {nameIn(state, id)}
    </Item>
  );
}

function People({ act }: { act: Act }) {
  const me = useMe();
  const { people } = useDirectory();
  const openDirect = useOpenDirect();
  return (
    <Command.Group heading="People" className={GROUP}>
      {people
        .filter((person) => person.id !== me.id && person.active)
        .map((person) => (
          <Item
            key={person.id}
            value={person.id}
            icon={<Avatar id={person.id} name={person.name} size="xs" agent={person.kind === "agent"} />}
            note="Message"
            onSelect={act(() => openDirect([person.id]))}
          >
            {person.name}
          </Item>
        ))}
    </Command.Group>
  );
}
