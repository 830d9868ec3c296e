import { useState } from "react";

/** Puts a text on the clipboard, and says whether it is there. */
export function useCopy(text: string) {
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(text);
    } catch {
      // Without a secure context there is no clipboard: the text can still be selected by hand.
    }
  };
  return { copied: copied === text, copy };
}
