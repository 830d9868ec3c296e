import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useClient } from "#/app/client";

/** Reasons change with agents that come and go, of which no room tells. */
const LOOK_MS = 5_000;
/** Events come in bursts; one look for all of them. */
const SETTLE_MS = 300;

/** Which runs of a project wait, and why: as they would start. */
export function useQueue(projectId: string) {
  const client = useClient();
  useQueueNews(projectId);
  return useInfiniteQuery({
    queryKey: ["queue", projectId, "waiting"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => client.call("queue.get", { project_id: projectId, cursor: pageParam }),
    getNextPageParam: ({ waiting }) => waiting.next,
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  });
}

/** The runs that failed for good and were not run again. */
export function useDeadLetters(projectId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["queue", projectId, "dead"],
    queryFn: () => client.call("run.list", { project_id: projectId, dead: true, limit: 50 }),
  });
}

function useQueueNews(projectId: string): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = client.on("event", ({ room, type }) => {
      if (room !== projectId || !/^(run\.(created|updated|ended)|queue\.|task\.)/.test(type)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ["queue", projectId] });
      }, SETTLE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, queries, projectId]);
}
