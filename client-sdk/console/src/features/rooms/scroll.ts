import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR = 80;

/**
 * Keeps a conversation where its reader is: at the end while new messages come, and on the same
 * message while older ones are put above it.
 */
export function useConversationScroll(
  ref: RefObject<HTMLElement | null>,
  first: string | undefined,
  last: string | undefined,
  onTop: () => void,
) {
  const [atEnd, setAtEnd] = useState(true);
  const before = useRef({ first, height: 0 });
  const follows = useRef(true);
  const top = useRef(onTop);
  useEffect(() => {
    top.current = onTop;
  });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const grown = element.scrollHeight - before.current.height;
    if (follows.current) element.scrollTop = element.scrollHeight;
    else if (before.current.first !== first) element.scrollTop += grown;
    before.current = { first, height: element.scrollHeight };
  }, [ref, first, last]);
  const onScroll = useCallback(() => {
    const element = ref.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    setAtEnd(follows.current);
    before.current.height = element.scrollHeight;
    if (element.scrollTop < NEAR) top.current();
  }, [ref]);
  const toEnd = useCallback(() => {
    follows.current = true;
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
  }, [ref]);
  return { atEnd, onScroll, toEnd };
}
