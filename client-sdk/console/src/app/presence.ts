/** How the signed-in member is shown to others: away while the page is hidden, busy on demand. */

import { useEffect, useSyncExternalStore } from "react";

import { useClient, useIsOnline } from "./client";

let busy = false;
const listeners = new Set<() => void>();

export function setBusy(next: boolean): void {
  busy = next;
  for (const listener of listeners) listener();
}

export function useBusy(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => busy,
  );
}

/** Keeps the server told. Losing one of these is harmless: the next change corrects it. */
export function useAway(): void {
  const client = useClient();
  const online = useIsOnline();
  const isBusy = useBusy();
  useEffect(() => {
    if (!online) return;
    const tell = () => {
      const status = isBusy ? "busy" : document.hidden ? "away" : "online";
      client.call("presence.set", { status }).catch(() => undefined);
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [client, online, isBusy]);
}
