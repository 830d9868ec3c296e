import { useCallback, useEffect, useRef } from "react";

import { type RoomView, useClient, useMe, useTyping } from "#/app/client";

/** How often one's own typing is repeated to the server, and how long after the last key it ends. */
const REPEAT_MS = 3_000;

/** Says who else is writing. */
export function TypingLine({
  view,
  thread,
  nameOf,
}: {
  view: RoomView;
  thread?: string | undefined;
  nameOf: (id: string) => string;
}) {
  const me = useMe();
  const typing = useTyping(view.room);
  const names = typing
    .filter((each) => each.member_id !== me.id && each.thread_id === (thread ?? null))
    .map((each) => nameOf(each.member_id));
  return (
    <p aria-live="polite" className="h-5 truncate text-2xs text-ink-3">
      {names.length > 0 && `${sentence(names)} typing…`}
    </p>
  );
}

export function sentence(names: readonly string[]): string {
  if (names.length === 1) return `${names[0] ?? ""} is`;
  if (names.length === 2) return `${names[0] ?? ""} and ${names[1] ?? ""} are`;
  return `${names[0] ?? ""} and ${names.length - 1} others are`;
}

/** Shows the others that one types, until one stops. Losing a signal only loses the sign of it. */
export function useTypingSignal(room: string, thread?: string): (typing: boolean) => void {
  const client = useClient();
  const sentAt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const signal = useCallback(
    (typing: boolean) => {
      clearTimeout(timer.current);
      const send = (on: boolean) => {
        sentAt.current = on ? Date.now() : 0;
        client
          .call("typing.set", { room, typing: on, ...(thread && { thread_id: thread }) })
          .catch(() => undefined);
      };
      if (typing) {
        if (Date.now() - sentAt.current > REPEAT_MS) send(true);
        timer.current = setTimeout(() => send(false), REPEAT_MS);
      } else if (sentAt.current > 0) {
        send(false);
      }
    },
    [client, room, thread],
  );
  useEffect(() => () => signal(false), [signal]);
  return signal;
}
