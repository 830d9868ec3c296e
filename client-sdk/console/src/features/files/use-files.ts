/** What the server knows of files, asked for as pages need it and again when it has changed. */

import type { Client, ContentKind, FileSort, LoggedEvent } from "@ymera/client";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useClient } from "#/app/client";
import { act } from "#/app/errors";

/** Files of one page of a list. */
const PAGE = 100;
/** Events come in bursts, as of a folder that is uploaded; one look for all of them. */
const SETTLE_MS = 400;
const MAX_HITS = 30;

export interface ListFilter {
  folder?: string;
  task_id?: string;
  kind?: ContentKind;
  query?: string;
  trash?: boolean;
  sort?: FileSort;
  descending?: boolean;
}

export function useFileList(room: string, filter: ListFilter, enabled = true) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ["files", room, "list", filter],
    enabled,
    // Nobody listens for the room's events while its files are not on the screen.
    staleTime: 0,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => client.call("file.list", { room, ...filter, cursor: pageParam, limit: PAGE }),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

export function useFolders(room: string, folder: string, enabled = true) {
  const client = useClient();
  return useQuery({
    queryKey: ["files", room, "folders", folder],
    enabled,
    staleTime: 0,
    queryFn: () => client.call("file.folders", { room, folder }).then(({ folders }) => folders),
  });
}

export function useFileSearch(query: string, room: string, kind: ContentKind | undefined) {
  const client = useClient();
  return useQuery({
    queryKey: ["files", room, "search", query, kind],
    enabled: query !== "",
    queryFn: () =>
      client
        .call("file.search", { query, room, limit: MAX_HITS, ...(kind && { kind }) })
        .then(({ hits }) => hits),
    placeholderData: keepPreviousData,
  });
}

export function useQuota(room: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["files", room, "quota"],
    staleTime: 0,
    queryFn: () => client.call("file.quota", { room }),
  });
}

export function useFile(fileId: string, number?: number) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "details", number ?? null],
    queryFn: () => client.call("file.get", { file_id: fileId, ...(number && { number }) }),
    placeholderData: keepPreviousData,
  });
}

export function useVersions(fileId: string) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ["file", fileId, "versions"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => client.call("file.versions", { file_id: fileId, cursor: pageParam }),
    getNextPageParam: (page) => page.next,
  });
}

export function useComparison(fileId: string, before: number, after: number) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "compare", before, after],
    queryFn: () => client.call("file.compare", { file_id: fileId, before, after }),
    staleTime: Infinity,
  });
}

export function useFileText(fileId: string, number: number, page: number) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "text", number, page],
    queryFn: () => client.call("file.text", { file_id: fileId, number, page }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

export function useSimilar(fileId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "similar"],
    queryFn: () => client.call("file.similar", { file_id: fileId }).then(({ files }) => files),
  });
}

/** A link with which the browser gets a file by itself. */
export function useMediaLink(fileId: string, number: number, enabled: boolean) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "link", number],
    enabled,
    queryFn: () => client.files.link(fileId, { number, inline: true, seconds: 3_600 }),
    staleTime: 50 * 60_000,
  });
}

/** Asks anew for what a room's events say has changed. */
export function useFileNews(room: string): void {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(() => {
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer = undefined;
      for (const id of changed) void queries.invalidateQueries({ queryKey: ["file", id] });
      changed.clear();
      void queries.invalidateQueries({ queryKey: ["files", room] });
    };
    const stop = client.on("event", (event) => {
      const id = event.room === room ? fileOf(event) : null;
      if (id === null) return;
      changed.add(id);
      timer ??= setTimeout(look, SETTLE_MS);
    });
    return () => {
      stop();
      if (timer === undefined) return;
      clearTimeout(timer);
      // Whatever is shown next may begin with what this page has asked for.
      look();
    };
  }, [client, queries, room]);
}

/** The file that an event is about; null for events about something else. */
function fileOf({ type, data }: LoggedEvent): string | null {
  if (!type.startsWith("file.")) return null;
  const { file, file_id } = data as { file?: { id: string }; file_id?: string };
  return file?.id ?? file_id ?? null;
}

/** Changes something about files, and shows it: of restricted ones no event tells. */
export function useFileChange() {
  const client = useClient();
  const queries = useQueryClient();
  const change = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const result = await work(client);
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["files"] }),
      queries.invalidateQueries({ queryKey: ["file"] }),
    ]);
    return result;
  };
  return {
    change,
    /** Lets a change run by itself; a refusal is told in passing. */
    run: (work: (client: Client) => Promise<unknown>, failure: string) => act(change(work), failure),
  };
}
