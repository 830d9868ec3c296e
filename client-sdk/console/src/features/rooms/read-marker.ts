import type { Message } from "@ymera/client";
import { useEffect, useState } from "react";

import { type RoomView, useClient, useMe, useRoom } from "#/app/client";

import { isPending, markRead } from "./actions";
import type { Scope } from "./use-messages";

/** Reading has to last this long to count. */
const GLANCE_MS = 400;

/**
 * Moves the reader's marker to the newest message while its end is in sight, and says which
 * message was the first new one when the conversation was opened.
 */
export function useReadMarker(
  view: RoomView,
  messages: readonly Message[],
  scope: Scope,
  atEnd: boolean,
): string | null {
  const client = useClient();
  const me = useMe();
  const membership = useRoom(me.id).state.memberships[view.id];
  const main = scope.thread === undefined && scope.task === undefined;
  const newest = messages.findLast((message) => !isPending(message))?.seq ?? 0;
  const read = membership?.read_seq;
  const opened = useOpenedAt(view.id, view.ready ? read : undefined);
  const visible = useVisible();
  const due = main && view.ready && atEnd && visible && read !== undefined && newest > read;
  useEffect(() => {
    if (!due) return;
    const timer = setTimeout(() => {
      // Being refused here means the room has gone; its page says so.
      markRead(client, me.id, view.id, newest).catch(() => undefined);
    }, GLANCE_MS);
    return () => clearTimeout(timer);
  }, [due, client, me.id, view.id, newest]);
  if (!main || opened === undefined) return null;
  return (
    messages.find((message) => message.seq > opened && message.author_id !== me.id && !isPending(message))
      ?.id ?? null
  );
}

/** The marker as it stood when the room was opened. */
function useOpenedAt(room: string, read: number | undefined): number | undefined {
  const [opened, setOpened] = useState<{ room: string; read: number } | null>(null);
  const known = opened?.room === room ? opened : null;
  if (!known && read !== undefined) setOpened({ room, read });
  return known?.read;
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(() => !document.hidden);
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
