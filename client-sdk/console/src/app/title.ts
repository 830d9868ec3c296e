import { useEffect } from "react";

/** Names the page in the browser's tab while the calling component is mounted. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · YMERA` : "YMERA";
  }, [title]);
}
