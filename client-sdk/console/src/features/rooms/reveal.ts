/** A message that was looked for, such as by a search: brought into sight wherever it stands. */

import type { Message } from "@ymera/client";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

/** Messages that are looked through for it. */
const MAX_LOOKED_AT = 5_000;

/** The message that the address names. */
export function useWanted(): string | undefined {
  return useSearch({ strict: false, select: ({ message }) => message });
}

/** Has older messages loaded until the wanted one is there, and then has it shown, once. */
export function useReveal(
  wanted: string | undefined,
  messages: readonly Message[],
  loadOlder: (() => void) | null,
  show: (id: string) => void,
): void {
  const there = wanted !== undefined && messages.some(({ id }) => id === wanted);
  const next = wanted !== undefined && !there && messages.length < MAX_LOOKED_AT ? loadOlder : null;
  useEffect(() => next?.(), [next]);
  useEffect(() => {
    if (there) show(wanted);
  }, [there, wanted, show]);
}

/** Brings a message into sight, and gives it the focus. */
export function showMessage(list: HTMLElement | null, id: string): void {
  const message = list?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`);
  message?.scrollIntoView({ block: "center" });
  message?.focus({ preventScroll: true });
}
