import type { Membership } from "@ymera/client";
import { Link, type LinkProps } from "@tanstack/react-router";
import clsx from "clsx";
import { Bot, CircleQuestionMark, Inbox, Layers, MessagesSquare, Plus, Search, Users } from "lucide-react";
import { type ReactNode, useMemo } from "react";

import { IconButton } from "#/ui/button";
import { LabelDot } from "#/ui/chip";
import { Mark } from "#/ui/mark";
import { Tip } from "#/ui/tip";
import { SealedLink } from "#/features/encryption/sealed-link";
import { unreadNotifications } from "#/features/inbox/unread";
import { useQuestionCount } from "#/features/questions/use-questions";
import { RoomLink } from "#/features/rooms/room-link";

import { useMe, useRoom, useWorkspace } from "./client";
import { byKind, type Memberships } from "./memberships";
import { useOverlays } from "./overlays";
import { UserMenu } from "./user-menu";

/** Rooms of a kind in the menu, each of which is kept up to date. */
const MAX_ROWS = 100;

/** The memberships of one's inbox, by kind. */
export function useMemberships(): Memberships {
  const me = useMe();
  const { memberships } = useRoom(me.id).state;
  return useMemo(() => byKind(memberships), [memberships]);
}

export function Sidebar() {
  const me = useMe();
  const workspace = useWorkspace();
  const { openPalette, create } = useOverlays();
  const { projects, channels, directs, sealed } = useMemberships();
  const inbox = useRoom(me.id);
  const unread = unreadNotifications(inbox.state, me.id);
  const questions = useQuestionCount();
  const maker = me.role !== "guest";
  return (
    <nav aria-label="Main" className="flex h-full flex-col">
      <div className="flex h-14 shrink-0 items-center gap-2.5 px-4">
        <Mark className="size-6" />
        <span className="min-w-0 flex-1 truncate text-base font-semibold tracking-tight">
          {workspace.name}
        </span>
        <Tip text="Search and commands" keys="mod+k">
          <button
            type="button"
            onClick={openPalette}
            aria-label="Search and commands"
            className="flex size-7 items-center justify-center rounded-md border border-line bg-raised text-ink-2 shadow-card hover:text-ink"
          >
            <Search aria-hidden className="size-3.5" />
          </button>
        </Tip>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        <ul className="flex flex-col gap-px">
          <Row to="/inbox" icon={<Inbox />} badge={unread} questions={questions}>
            Inbox
          </Row>
          <Row to="/projects" icon={<Layers />} exact>
            Projects
          </Row>
          <Row to="/rooms" icon={<MessagesSquare />} exact>
            Conversations
          </Row>
          <Row to="/agents" icon={<Bot />}>
            Agents
          </Row>
          {maker && (
            <Row to="/members" icon={<Users />}>
              Members
            </Row>
          )}
        </ul>
        <Section
          title="Projects"
          rooms={projects}
          {...(maker && { onAdd: () => create("project"), addLabel: "New project" })}
        >
          {(project) => (
            <Row
              key={project.id}
              to="/projects/$projectId"
              params={{ projectId: project.id }}
              icon={<LabelDot label={project.id} />}
            >
              {project.name}
            </Row>
          )}
        </Section>
        <Section
          title="Channels"
          rooms={channels}
          {...(maker && { onAdd: () => create("channel"), addLabel: "New channel" })}
        >
          {(room) => <RoomLink key={room.id} membership={room} />}
        </Section>
        <Section
          title="Encrypted"
          rooms={sealed}
          {...(maker && { onAdd: () => create("encrypted"), addLabel: "New encrypted conversation" })}
        >
          {(room) => <SealedLink key={room.id} membership={room} />}
        </Section>
        <Section
          title="Direct messages"
          rooms={directs}
          onAdd={() => create("direct")}
          addLabel="New direct message"
        >
          {(room) => <RoomLink key={room.id} membership={room} />}
        </Section>
      </div>
      <UserMenu />
    </nav>
  );
}

interface SectionProps {
  title: string;
  rooms: readonly Membership[];
  onAdd?: () => void;
  addLabel?: string;
  children: (room: Membership) => ReactNode;
}

/** The rooms of a kind, as far as there is place for them. */
function Section({ title, rooms, onAdd, addLabel, children }: SectionProps) {
  if (rooms.length === 0 && !onAdd) return null;
  return (
    <section className="mt-5">
      <div className="group flex h-7 items-center pr-1 pl-2.5">
        <h2 className="flex-1 text-xs font-medium text-ink-3">{title}</h2>
        {onAdd && addLabel && (
          <IconButton label={addLabel} size="xs" onClick={onAdd} className="[&_svg]:size-3.5!">
            <Plus />
          </IconButton>
        )}
      </div>
      {rooms.length > 0 && (
        <ul className="flex flex-col gap-px">
          {rooms.slice(0, MAX_ROWS).map(children)}
          {rooms.length > MAX_ROWS && <Others count={rooms.length - MAX_ROWS} />}
        </ul>
      )}
    </section>
  );
}

/** Leads to what has no place in the menu. */
function Others({ count }: { count: number }) {
  const { openPalette } = useOverlays();
  return (
    <li>
      <button
        type="button"
        onClick={openPalette}
        className="flex h-7.5 w-full items-center rounded-md px-2.5 text-left text-sm text-ink-3 hover:bg-hover hover:text-ink"
      >
        Find {count} more…
      </button>
    </li>
  );
}

type RowProps = Pick<LinkProps, "to" | "params"> & {
  icon: ReactNode;
  badge?: number;
  /** How many questions wait there for an answer. */
  questions?: number;
  strong?: boolean;
  exact?: boolean;
  children: ReactNode;
};

/** A place to go to, with how much is new there. */
export function Row({
  icon,
  badge = 0,
  questions = 0,
  strong = false,
  exact = false,
  children,
  ...link
}: RowProps) {
  return (
    <li>
      <Link
        {...link}
        activeOptions={{ exact, includeSearch: false }}
        className={clsx(
          "flex h-7.5 items-center gap-2.5 rounded-md px-2.5 text-sm transition-colors duration-100 hover:bg-hover aria-[current=page]:bg-pressed aria-[current=page]:font-medium aria-[current=page]:text-ink [&>svg]:size-4 [&>svg]:shrink-0",
          strong || badge > 0 ? "font-medium text-ink" : "text-ink-2",
        )}
      >
        <span
          aria-hidden
          className="flex size-4 shrink-0 items-center justify-center text-ink-3 [&>svg]:size-4"
        >
          {icon}
        </span>
        <span className="min-w-0 flex-1 truncate">{children}</span>
        {questions > 0 && (
          <span className="inline-flex items-center gap-0.5 rounded-full bg-warn-soft px-1.5 text-2xs font-semibold text-warn tabular">
            <CircleQuestionMark aria-hidden className="size-3" />
            {questions > 99 ? "99+" : questions}
            <span className="sr-only"> waiting for an answer</span>
          </span>
        )}
        {badge > 0 && (
          <span className="min-w-4.5 rounded-full bg-accent-soft px-1.5 text-center text-2xs font-semibold text-accent tabular">
            {badge > 99 ? "99+" : badge}
            <span className="sr-only"> unread</span>
          </span>
        )}
      </Link>
    </li>
  );
}
