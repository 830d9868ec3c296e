import { useCallback, useInsertionEffect, useRef } from "react";

/** A function that stays the same between renders and always does what the latest one says. For events only. */
export function useStable<A extends unknown[], R>(act: (...args: A) => R): (...args: A) => R {
  const latest = useRef(act);
  useInsertionEffect(() => {
    latest.current = act;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
