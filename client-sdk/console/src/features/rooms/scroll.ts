import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

import { useStable } from "#/ui/use-stable";

import { showMessage } from "./reveal";

const NEAR = 80;

/**
 * Keeps a conversation where its reader is: at the end while new messages come, and on the same
 * message while older ones are put above it. Asks for older ones as long as the top is in sight.
 */
export function useConversationScroll(
  ref: RefObject<HTMLElement | null>,
  first: string | undefined,
  last: string | undefined,
  loadOlder: (() => void) | null,
) {
  const [atEnd, setAtEnd] = useState(true);
  const before = useRef({ first, height: 0 });
  const follows = useRef(true);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const grown = element.scrollHeight - before.current.height;
    if (follows.current) element.scrollTop = element.scrollHeight;
    else if (before.current.first !== first) element.scrollTop += grown;
    before.current = { first, height: element.scrollHeight };
  }, [ref, first, last]);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    // Pictures that arrive, a keyboard that comes up: the end stays in sight.
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    for (const each of [element, element.firstElementChild]) if (each) observer.observe(each);
    return () => observer.disconnect();
  }, [ref]);
  const look = useStable(() => {
    if (ref.current && ref.current.scrollTop < NEAR) loadOlder?.();
  });
  const mayLoad = loadOlder !== null;
  useEffect(() => {
    if (mayLoad) look();
  }, [mayLoad, look, first]);
  const onScroll = useStable(() => {
    const element = ref.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    setAtEnd(follows.current);
    before.current.height = element.scrollHeight;
    look();
  });
  const toEnd = useStable(() => {
    follows.current = true;
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
  });
  const show = useStable((id: string) => {
    follows.current = false;
    showMessage(ref.current, id);
  });
  return { atEnd, onScroll, toEnd, show };
}
