import type { LoggedEvent, Question } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { useClient, useIsOnline, useMe } from "#/app/client";

import { waitsFor } from "./answer";
import { useSealedQuestions } from "./sealed-questions";

/** Most open questions that are shown, and joined rooms of theirs. */
const MAX_QUESTIONS = 100;
const MAX_ROOMS = 12;
/** How often to look for what no room told, while the page is in sight. */
const LOOK_MS = 60_000;

const KEY = ["questions", "open"];

interface OpenQuestions {
  questions: readonly Question[];
  /** Why those that the server knows of are missing. */
  error: unknown;
}

/** The open questions that one may answer, newest first. */
export function useOpenQuestions(): OpenQuestions {
  const { data, error } = useServersQuestions();
  const sealed = useSealedQuestions();
  const questions = useMemo(
    () => [...(data ?? []), ...sealed].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)),
    [data, sealed],
  );
  return { questions, error: data ? null : error };
}

/** Those of open projects; fresh whenever a room tells of one. */
function useServersQuestions() {
  const client = useClient();
  const queries = useQueryClient();
  const online = useIsOnline();
  useEffect(
    () =>
      client.on("event", (event) => {
        if (tellsOfQuestion(event)) void queries.invalidateQueries({ queryKey: KEY });
      }),
    [client, queries],
  );
  useEffect(() => {
    if (online) void queries.invalidateQueries({ queryKey: KEY });
  }, [online, queries]);
  return useQuery({
    queryKey: KEY,
    queryFn: () =>
      client.call("question.list", { open: true, limit: MAX_QUESTIONS }).then((page) => page.items),
    refetchInterval: LOOK_MS,
    refetchOnWindowFocus: "always",
  });
}

/** How many open questions wait for the signed-in member. */
export function useQuestionCount(): number {
  const me = useMe();
  return useOpenQuestions().questions.filter((question) => waitsFor(question, me.id)).length;
}

function tellsOfQuestion({ type, data }: LoggedEvent): boolean {
  if (type === "notification.added") return (data["notification"] as { kind?: string }).kind === "question";
  return type === "question.asked" || type === "question.closed";
}

/** Keeps the rooms of these questions' projects joined, so that an answer of somebody else is seen at once. */
export function useQuestionRooms(questions: readonly Question[]): void {
  const client = useClient();
  const ids = [...new Set(questions.map((question) => question.project_id))].slice(0, MAX_ROOMS);
  const joined = ids.sort().join(" ");
  useEffect(() => {
    const rooms = joined === "" ? [] : joined.split(" ").map((id) => client.room(id));
    return () => rooms.forEach((room) => room.close());
  }, [client, joined]);
}
