import { useCallback, useState } from "react";

/**
 * Whether the pointer or the focus has been on something. What is needed only then, such as the
 * menus of the rows of a long list, need not be there before.
 */
export function useTouched() {
  const [touched, setTouched] = useState(false);
  const touch = useCallback(() => setTouched(true), []);
  return { touched, onPointerEnter: touch, onFocus: touch };
}
