import type { KeyboardEvent } from "react";

/** In a list of messages, leads the focus from one to the next with the arrow keys. */
export function walkMessages(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const from = event.target;
  if (!step || !(from instanceof HTMLElement) || !from.matches("[data-message]")) return;
  const messages = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-message]")];
  messages[messages.indexOf(from) + step]?.focus();
  event.preventDefault();
}
