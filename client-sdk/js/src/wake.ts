/** When a page comes back: from sleep, from the background, or to the network. */

/**
 * Calls `listener` when the machine is online again, the page is shown again, or the network
 * seems to be gone. Does nothing outside browsers. Returns the way to stop it.
 */
export function onWake(listener: () => void): () => void {
  if (typeof document === "undefined") return () => undefined;
  const shown = (): void => {
    if (document.visibilityState === "visible") listener();
  };
  const names = ["online", "offline", "pageshow"] as const;
  document.addEventListener("visibilitychange", shown);
  for (const name of names) globalThis.addEventListener(name, listener);
  return () => {
    document.removeEventListener("visibilitychange", shown);
    for (const name of names) globalThis.removeEventListener(name, listener);
  };
}
