import type { Notification, NotificationKind } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import {
  AtSign,
  CheckCheck,
  CircleQuestionMark,
  CircleX,
  Inbox,
  LockKeyhole,
  MessageSquare,
  MessageSquareReply,
  UserCheck,
} from "lucide-react";
import { useMemo, useState } from "react";
import clsx from "clsx";

import { useClient, useDirectory, useIsOnline, useMe, useRoom } from "#/app/client";
import { act } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { useMemberships } from "#/app/sidebar";
import { useTitle } from "#/app/title";
import { markRead } from "#/features/rooms/actions";
import { plain } from "#/features/rooms/mentions";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { agoOf, momentOf } from "#/ui/dates";
import { Empty, OfflineEmpty, SkeletonRows } from "#/ui/states";
import { Segments } from "#/ui/tabs";

import { unreadNotifications } from "./unread";
import { Waiting } from "./waiting";

type Show = "all" | "unread";

const KINDS: Readonly<Record<NotificationKind, { says: string; icon: typeof AtSign }>> = {
  mention: { says: "mentioned you", icon: AtSign },
  assigned: { says: "assigned you", icon: UserCheck },
  reply: { says: "replied", icon: MessageSquareReply },
  comment: { says: "commented", icon: MessageSquare },
  question: { says: "asks you", icon: CircleQuestionMark },
  run_failed: { says: "failed at what you gave it", icon: CircleX },
};

/** What concerns you, newest first. */
export function InboxPage() {
  useTitle("Inbox");
  const client = useClient();
  const me = useMe();
  const online = useIsOnline();
  const view = useRoom(me.id);
  const [show, setShow] = useState<Show>("all");
  const read = view.state.memberships[me.id]?.read_seq ?? 0;
  const unread = unreadNotifications(view.state, me.id);
  const rows = useMemo(
    () =>
      Object.values(view.state.notifications)
        .filter((notification) => show === "all" || notification.seq > read)
        .sort((a, b) => b.seq - a.seq),
    [view.state.notifications, show, read],
  );
  const newest = Math.max(0, ...Object.values(view.state.notifications).map(({ seq }) => seq));
  return (
    <>
      <PageHeader title={<PageTitle>Inbox</PageTitle>}>
        <Segments<Show>
          label="Which notifications"
          value={show}
          onChange={setShow}
          choices={[
            { value: "all", label: "All" },
            { value: "unread", label: unread > 0 ? `Unread ${unread}` : "Unread" },
          ]}
        />
        <Button
          size="sm"
          look="ghost"
          disabled={unread === 0}
          onClick={() => act(markRead(client, me.id, me.id, newest), "The inbox could not be marked read")}
        >
          <CheckCheck aria-hidden className="size-3.5" /> Mark all read
        </Button>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Waiting />
        {!view.ready ? (
          online ? (
            <SkeletonRows />
          ) : (
            <OfflineEmpty />
          )
        ) : rows.length === 0 ? (
          <Empty icon={Inbox} title={show === "unread" ? "You are up to date" : "Nothing here yet"}>
            Mentions, assignments, answers to you and questions of agents come in here.
          </Empty>
        ) : (
          <ul>
            {rows.map((notification) => (
              <Row key={notification.id} notification={notification} unread={notification.seq > read} />
            ))}
          </ul>
        )}
        <OfEncrypted />
      </div>
    </>
  );
}

/** What does not come in here, said to those whom it concerns. */
function OfEncrypted() {
  const { sealed } = useMemberships();
  if (sealed.length === 0) return null;
  return (
    <p className="mx-auto flex max-w-lg items-start justify-center gap-2 px-4 py-5 text-xs text-ink-3">
      <LockKeyhole aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span>
        Of encrypted rooms, only questions of agents come in here. The server cannot read who is mentioned,
        answered or given a task there: look into the rooms themselves.
      </span>
    </p>
  );
}

function Row({ notification, unread }: { notification: Notification; unread: boolean }) {
  const client = useClient();
  const me = useMe();
  const navigate = useNavigate();
  const { nameOf, get } = useDirectory();
  const place = useRoom(me.id).state.memberships[notification.room];
  const kind = KINDS[notification.kind];
  const Icon = kind.icon;
  const actor = nameOf(notification.actor_id);
  const open = () => {
    if (unread)
      act(markRead(client, me.id, me.id, notification.seq), "The notification could not be marked read");
    const { room, task_id: taskId, run_id: runId } = notification;
    if (runId) void navigate({ to: "/projects/$projectId/runs/$runId", params: { projectId: room, runId } });
    else if (taskId)
      void navigate({ to: "/projects/$projectId/tasks/$taskId", params: { projectId: room, taskId } });
    else if (place?.kind === "project")
      void navigate({ to: "/projects/$projectId/talk", params: { projectId: room } });
    else void navigate({ to: "/rooms/$roomId", params: { roomId: room } });
  };
  return (
    <li className="border-b">
      <button
        type="button"
        onClick={open}
        className="flex w-full items-start gap-3 px-4 py-3 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span
          aria-hidden
          className={clsx(
            "mt-2.5 size-1.5 shrink-0 rounded-full",
            unread ? "bg-accent-solid" : "bg-transparent",
          )}
        />
        <Avatar
          id={notification.actor_id}
          name={actor}
          size="md"
          agent={get(notification.actor_id)?.kind === "agent"}
        />
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <Icon aria-hidden className="size-3.5 shrink-0 text-ink-3" />
            <span className={clsx("truncate", unread ? "text-ink" : "text-ink-2")}>
              <span className="font-medium">{actor}</span> {kind.says}
              {place?.name && <span className="text-ink-3"> in {place.name}</span>}
            </span>
            {unread && <span className="sr-only">, unread</span>}
          </span>
          <span className={clsx("mt-0.5 line-clamp-2 text-base", unread ? "text-ink" : "text-ink-2")}>
            {plain(notification.excerpt)}
          </span>
        </span>
        <time
          dateTime={notification.created_at}
          title={momentOf(notification.created_at)}
          className="shrink-0 text-2xs text-ink-3 tabular"
        >
          {agoOf(notification.created_at)}
        </time>
      </button>
    </li>
  );
}
