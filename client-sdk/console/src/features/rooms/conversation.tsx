import { Link } from "@tanstack/react-router";
import { Files, MessagesSquare, Users } from "lucide-react";
import type { ReactNode } from "react";

import type { RoomView } from "#/app/client";
import { Button } from "#/ui/button";
import { Tip } from "#/ui/tip";

import { useWanted } from "./reveal";
import { ThreadPanel } from "./thread-panel";
import { Timeline } from "./timeline";

interface ConversationProps {
  view: RoomView;
  canTalk: boolean;
  canManage: boolean;
  label: string;
  placeholder: string;
  /** Shown while nothing has been said. */
  empty: ReactNode;
  thread: string | undefined;
  /** Opens a thread, or closes the one that is open. */
  onThread: (id: string | undefined) => void;
  /** What stands beside it. */
  children?: ReactNode;
}

/** What is said in a room, with the thread that is open. */
export function Conversation({ thread, onThread, children, ...room }: ConversationProps) {
  const { view, canTalk, canManage } = room;
  const wanted = useWanted();
  return (
    <div className="flex min-h-0 flex-1">
      <Timeline {...room} scope={{}} wanted={thread ? undefined : wanted} onThread={onThread} />
      {thread && (
        <ThreadPanel
          key={thread}
          view={view}
          thread={thread}
          wanted={wanted}
          canTalk={canTalk}
          canManage={canManage}
          onClose={() => onThread(undefined)}
        />
      )}
      {children}
    </div>
  );
}

/** Leads to the files of a room. */
export function FilesLink({ roomId }: { roomId: string }) {
  return (
    <Tip text="Files">
      <Link
        to="/rooms/$roomId/files"
        params={{ roomId }}
        aria-label="Files"
        className="flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
      >
        <Files aria-hidden className="size-4" />
      </Link>
    </Tip>
  );
}

/** Leads from the files of a room to what is said there. */
export function MessagesLink({ roomId }: { roomId: string }) {
  return (
    <Link
      to="/rooms/$roomId"
      params={{ roomId }}
      className="flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-ink-2 hover:bg-hover hover:text-ink"
    >
      <MessagesSquare aria-hidden className="size-3.5" /> Messages
    </Link>
  );
}

/** Shows or hides who is in a room, and how it is set up. */
export function DetailsToggle({
  members,
  shown,
  onToggle,
}: {
  members: number;
  shown: boolean;
  onToggle: () => void;
}) {
  return (
    <Tip text="Members and settings">
      <Button size="sm" look="ghost" aria-pressed={shown} onClick={onToggle}>
        <Users aria-hidden className="size-4" />
        <span className="tabular">{members}</span>
        <span className="sr-only"> members, and settings</span>
      </Button>
    </Tip>
  );
}
