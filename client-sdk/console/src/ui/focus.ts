/**
 * Where the focus goes back to when what lies over the page is closed.
 *
 * What opens it is often gone or has no focus by then: the item of a menu, a button that was busy. So it is also
 * remembered what on the page itself was last in use.
 */

import { useMemo, useRef } from "react";

const OVER = "[role=dialog], [role=menu], [role=listbox]";
let onPage: HTMLElement | null = null;

document.addEventListener("focusin", ({ target }) => note(target));
// Not every browser gives a button the focus that was clicked.
document.addEventListener("pointerdown", ({ target }) => {
  if (target instanceof Element) note(target.closest("button, a, input, select, textarea, [tabindex]"));
});

function note(element: EventTarget | null): void {
  if (element instanceof HTMLElement && element.closest(OVER) === null) onPage = element;
}

/** `remember` before it takes the focus, `giveBack` as it is closed. */
export function useFocusBack() {
  const before = useRef<HTMLElement | null>(null);
  return useMemo(
    () => ({
      remember: () => {
        const now = document.activeElement;
        before.current = now instanceof HTMLElement && now !== document.body ? now : null;
      },
      giveBack: (event: Event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        const page = document.getElementById("main");
        const there = [before.current, onPage, page].find((each) => each?.isConnected);
        there?.focus({ preventScroll: true });
      },
    }),
    [],
  );
}
