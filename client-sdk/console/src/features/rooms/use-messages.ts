/**
 * A conversation's messages: the live window, and older ones asked for page by page.
 *
 * Invariant: what happens to a message that has left the window shows here too.
 */

import {
  type LoggedEvent,
  type Message,
  MESSAGE_WINDOW,
  type MessageSent,
  type MessageUpdated,
  type Page,
} from "@ymera/client";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { type RoomView, useClient } from "#/app/client";

import { isTopLevel, merged } from "./model";

/** One thread, one task's comments, or with neither the room's main conversation. */
export interface Scope {
  thread?: string;
  task?: string;
}

/** The first page repeats the window; it shall bring more than that. */
const PAGE = MESSAGE_WINDOW + 50;

type Pages = InfiniteData<Page<Message>, string | null>;

export interface Conversation {
  messages: readonly Message[];
  /** Whether there may be older messages than those shown. */
  hasOlder: boolean;
  loadOlder: () => void;
  loading: boolean;
  error: Error | null;
}

export function useMessages(view: RoomView, scope: Scope): Conversation {
  const client = useClient();
  const { thread, task } = scope;
  const room = view.id;
  const live = view.state.messages;
  const complete = Object.keys(live).length < MESSAGE_WINDOW;
  const scoped = thread !== undefined || task !== undefined;
  const key = useMemo(() => ["history", room, thread ?? null, task ?? null], [room, thread, task]);
  const history = useInfiniteQuery({
    queryKey: key,
    enabled: false,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      client.call("room.history", {
        room,
        limit: PAGE,
        cursor: pageParam,
        ...(thread && { thread_id: thread }),
        ...(task && { task_id: task }),
      }),
    getNextPageParam: (page) => page.next,
  });
  useFollow(key, room);
  const { fetchNextPage, refetch, data, isFetching } = history;
  const needed = view.ready && scoped && !complete;
  useEffect(() => {
    if (needed) void refetch();
  }, [needed, refetch]);
  const messages = useMemo(() => {
    const older = data?.pages.flatMap((page) => page.items) ?? [];
    return merged(older, Object.values(live)).filter((message) => {
      if (thread !== undefined) return message.thread_id === thread;
      if (task !== undefined) return message.task_id === task && message.thread_id === null;
      return isTopLevel(message);
    });
  }, [data, live, thread, task]);
  return {
    messages,
    hasOlder: !complete && (data === undefined || history.hasNextPage),
    loadOlder: () => {
      if (!isFetching) void fetchNextPage();
    },
    loading: isFetching,
    error: history.error,
  };
}

/** Keeps the older pages true to what the room's events say. */
function useFollow(key: readonly unknown[], room: string): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(
    () =>
      client.on("event", (event) => {
        if (event.room !== room) return;
        const change = changeOf(event);
        if (change) queries.setQueryData<Pages>([...key], (pages) => pages && withChange(pages, change));
      }),
    [client, queries, key, room],
  );
}

type MessageChange = Partial<Message> & { id: string };

function changeOf(event: LoggedEvent): MessageChange | null {
  if (event.type === "message.updated") return (event.data as unknown as MessageUpdated).message;
  if (event.type === "message.sent") return (event.data as unknown as MessageSent).thread;
  return null;
}

function withChange(pages: Pages, change: MessageChange): Pages {
  if (!pages.pages.some((page) => page.items.some(({ id }) => id === change.id))) return pages;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map((message) => (message.id === change.id ? { ...message, ...change } : message)),
    })),
  };
}
