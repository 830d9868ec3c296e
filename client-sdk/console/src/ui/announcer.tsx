import { useSyncExternalStore } from "react";

let message = "";
let turn = 0;
const listeners = new Set<() => void>();

/** Have a screen reader say this, politely. Saying the same twice is heard twice. */
export function announce(text: string): void {
  turn += 1;
  message = turn % 2 === 0 ? text : `${text}\u00a0`;
  for (const listener of listeners) listener();
}

export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
  return (
    <div aria-live="assertive" aria-atomic="true" role="status" className="sr-only" data-announcer>
      {text}
    </div>
  );
}
