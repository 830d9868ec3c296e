import clsx from "clsx";
import { Check, CircleAlert, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";

interface Entry {
  id: number;
  tone: "good" | "bad";
  title: string;
  detail?: string;
  action?: ToastAction;
}

/** What one can still do about it. */
export interface ToastAction {
  label: string;
  run: () => void;
}

const MAX_TOASTS = 4;
let entries: readonly Entry[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly Entry[]): void {
  entries = next;
  for (const listener of listeners) listener();
}

/** Say something in passing. The oldest give way when there are too many. */
export function toast(
  title: string,
  options: { tone?: "good" | "bad"; detail?: string; action?: ToastAction } = {},
): void {
  const entry: Entry = {
    id: nextId++,
    title,
    tone: options.tone ?? "good",
    ...(options.detail ? { detail: options.detail } : {}),
    ...(options.action ? { action: options.action } : {}),
  };
  publish([...entries, entry].slice(-MAX_TOASTS));
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => entries,
  );
  return (
    <Radix.Provider swipeDirection="right" label="Notice">
      {shown.map((entry) => (
        <Radix.Root
          key={entry.id}
          duration={entry.tone === "bad" || entry.action ? 9_000 : 4_000}
          type={entry.tone === "bad" ? "foreground" : "background"}
          onOpenChange={(open) => {
            if (!open) publish(entries.filter(({ id }) => id !== entry.id));
          }}
          className="flex animate-rise items-start gap-2.5 rounded-lg bg-raised px-3.5 py-3 shadow-pop"
        >
          <span className={clsx("mt-0.5 [&>svg]:size-4", entry.tone === "bad" ? "text-danger" : "text-good")}>
            {entry.tone === "bad" ? <CircleAlert /> : <Check />}
          </span>
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-sm font-medium">{entry.title}</Radix.Title>
            {entry.detail && (
              <Radix.Description className="mt-0.5 text-xs text-ink-2">{entry.detail}</Radix.Description>
            )}
          </div>
          {entry.action && (
            <Radix.Action
              altText={entry.action.label}
              onClick={entry.action.run}
              className="rounded-sm text-sm font-medium text-accent hover:underline"
            >
              {entry.action.label}
            </Radix.Action>
          )}
          <Radix.Close aria-label="Dismiss" className="rounded-sm text-ink-3 hover:text-ink [&>svg]:size-4">
            <X />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-60 flex w-88 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
