import { useEffect, useRef, useState } from "react";

import { useClient } from "#/app/client";

/** A preview's address in this page while the calling component is mounted; null before it is there. */
export function usePreview(fileId: string, number: number, name: string | null): string | null {
  const client = useClient();
  const [shown, setShown] = useState<{ of: string; url: string } | null>(null);
  const of = `${fileId} ${number} ${name}`;
  useEffect(() => {
    if (name === null) return;
    const ending = new AbortController();
    let made: string | null = null;
    client.files.previewUrl(fileId, name, { number, signal: ending.signal }).then(
      (url) => {
        made = url;
        if (ending.signal.aborted) URL.revokeObjectURL(url);
        else setShown({ of, url });
      },
      // Without a picture there is the icon of its kind.
      () => undefined,
    );
    return () => {
      ending.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [client, fileId, number, name, of]);
  return shown?.of === of ? shown.url : null;
}

/** Whether an element has come into view, to load what it shows only then. */
export function useSeen<E extends Element>() {
  const ref = useRef<E>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element || seen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen]);
  return { ref, seen };
}
