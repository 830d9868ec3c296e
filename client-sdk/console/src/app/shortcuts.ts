/**
 * Keyboard shortcuts: single keys, `mod+key`, and two-key sequences such as `g i`.
 *
 * Invariant: plain keys never fire while someone types, or while a dialog or menu is open.
 */

import { useEffect, useRef } from "react";

export type Shortcuts = Readonly<Record<string, () => void>>;

const SEQUENCE_MS = 900;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isCovered(): boolean {
  return (
    document.querySelector("[role='dialog'][data-state='open'], [role='menu'][data-state='open']") !== null
  );
}

/** Runs the shortcuts while the calling component is mounted. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    let first: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      const key = event.key.toLowerCase();
      const mod = event.metaKey || event.ctrlKey;
      if (!mod && (isTyping(event.target) || isCovered())) return;
      const sequence = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null;
      const run =
        (sequence === null ? undefined : latest.current[sequence]) ??
        latest.current[mod ? `mod+${key}` : key];
      first = mod ? null : { key, at: event.timeStamp };
      if (!run) return;
      first = null;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
