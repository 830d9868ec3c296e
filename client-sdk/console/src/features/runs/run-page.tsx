import type { Question, RunDetails, RunInfo } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { Bot } from "lucide-react";
import { useMemo, useState } from "react";

import { useIsOnline, useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { useTitle } from "#/app/title";
import { RunFiles } from "#/features/files/run-files";
import { mayAnswer } from "#/features/questions/answer";
import { QuestionCard } from "#/features/questions/question-card";
import { type ProjectView, useProject } from "#/features/tasks/use-project";
import { percentOf } from "#/ui/amounts";
import { Meter } from "#/ui/meter";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";
import { Section } from "#/ui/section";

import { useFeed } from "./feed";
import { Replay } from "./replay";
import { RunActions } from "./run-actions";
import { Artifacts } from "./run-artifacts";
import { Attempts, RunFacts } from "./run-facts";
import { RunLog } from "./run-log";
import { RunOutput } from "./run-output";
import { Calls, Chain } from "./run-relations";
import { Timeline } from "./run-timeline";
import { RunValue } from "./run-value";
import { type Scene, sceneOf } from "./scene";
import { RunStateChip } from "./state-chip";
import { hasEnded } from "./states";
import { liveRun, placeOf, questionsOf, useRunDetails } from "./use-run";

/** One run: what it does, what it did, step by step, and what can be done about it. */
export function RunPage({ projectId, runId }: { projectId: string; runId: string }) {
  const view = useProject(projectId);
  const online = useIsOnline();
  const feed = useFeed(projectId, runId);
  const details = useRunDetails(runId, feed);
  const [step, setStep] = useState<number | null>(null);
  const scene = useMemo(() => sceneOf(feed.events, step ?? feed.events.length), [feed.events, step]);
  const now = liveRun(view, runId) ?? details.data?.run;
  const run = step === null ? now : (scene.run ?? now);
  useTitle(run?.title ?? "Run");
  if (!run) {
    if (isYmeraError(details.error, "not_found")) return <NoRun projectId={projectId} />;
    if (details.isError)
      return <Failed message={messageOf(details.error)} onRetry={() => void details.refetch()} />;
    return online ? <SkeletonRows /> : <OfflineEmpty />;
  }
  const replayed = step !== null;
  const at = replayed ? (feed.events[step - 1]?.at ?? null) : null;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-6xl px-5 pt-5 pb-12">
          <Head view={view} run={run}>
            <RunActions view={view} run={now ?? run} />
          </Head>
          <div className="mt-6 grid gap-10 lg:grid-cols-[minmax(0,1fr)_17rem]">
            <Story view={view} run={run} scene={scene} details={details.data} feed={feed} at={at} />
            <aside aria-label="Facts" className="flex flex-col gap-6">
              <RunFacts view={view} run={run} at={at} />
              <Chain view={view} run={run} />
              {!replayed && <Attempts view={view} attempts={details.data?.attempts ?? []} />}
            </aside>
          </div>
        </div>
      </div>
      <Replay
        events={feed.events}
        place={placeOf(feed.events, step)}
        replayed={replayed}
        onStep={setStep}
        nameOf={view.nameOf}
      />
    </div>
  );
}

interface StoryProps {
  view: ProjectView;
  run: RunInfo;
  scene: Scene;
  details: RunDetails | undefined;
  feed: ReturnType<typeof useFeed>;
  /** The moment that is replayed; null: now. */
  at: string | null;
}

/** What the run asks, writes and does. */
function Story({ view, run, scene, details, feed, at }: StoryProps) {
  const replayed = at !== null;
  const questions = replayed ? scene.questions : questionsOf(details, scene.questions);
  const open = questions.filter(({ state }) => state === "open");
  const closed = questions.filter(({ state }) => state !== "open");
  return (
    <div className="flex min-w-0 flex-col gap-7">
      <Questions title="Questions" view={view} questions={open} replayed={replayed} />
      <RunOutput outputs={scene.outputs} run={run} loading={!feed.complete} />
      {feed.error !== null && <Missing error={feed.error} onRetry={feed.reload} />}
      <Timeline steps={scene.steps} view={view} loading={!feed.complete} />
      <RunLog lines={scene.lines} />
      <Artifacts artifacts={replayed ? scene.artifacts : (details?.artifacts ?? scene.artifacts)} />
      {!replayed && <RunFiles room={view.id} versions={details?.files ?? []} />}
      <Calls view={view} runId={run.id} calls={details?.calls ?? []} at={at} />
      {hasEnded(run.state) && <RunValue title="Result" value={details?.result} />}
      <Questions title="Answered questions" view={view} questions={closed} replayed={replayed} />
      <RunValue title="Input" value={details?.input} />
    </div>
  );
}

function Head({ view, run, children }: { view: ProjectView; run: RunInfo; children: React.ReactNode }) {
  const agent = run.agent_id ?? run.wanted_agent_id;
  const words = hasEnded(run.state) ? run.summary : run.note;
  return (
    <header>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 className="text-xl font-semibold text-balance break-words">{run.title}</h2>
          <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-2">
            <RunStateChip run={run} />
            <span className="font-mono text-xs">{run.capability}</span>
            {agent && <span>by {view.nameOf(agent)}</span>}
          </p>
        </div>
        <div className="flex gap-2">{children}</div>
      </div>
      {!hasEnded(run.state) && run.state !== "submitted" && (
        <div className="mt-4">
          <Meter label="Progress" share={run.progress} words={progressWords(run)} />
        </div>
      )}
      {words && <p className="mt-2 break-words text-ink-2">{words}</p>}
      {run.error && run.state !== "completed" && (
        <p className="mt-3 rounded-md bg-danger-soft px-3 py-2 break-words text-danger">
          {run.error.message}
        </p>
      )}
    </header>
  );
}

function progressWords(run: RunInfo): string {
  return (
    [run.progress === null ? "" : percentOf(run.progress), run.note].filter(Boolean).join(", ") || "At work"
  );
}

interface QuestionsProps {
  title: string;
  view: ProjectView;
  questions: readonly Question[];
  replayed: boolean;
}

function Questions({ title, view, questions, replayed }: QuestionsProps) {
  const me = useMe();
  if (questions.length === 0) return null;
  return (
    <Section title={title}>
      <ul className="flex flex-col gap-3">
        {questions.map((question) => (
          <li key={question.id}>
            <QuestionCard
              question={question}
              nameOf={view.nameOf}
              answer={replayed ? "then" : mayAnswer(question, me, view.access) ? "yes" : "no"}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <p role="alert" className="text-xs text-danger">
      The history is not complete. {messageOf(error)}{" "}
      <button type="button" onClick={onRetry} className="font-medium underline">
        Try again
      </button>
    </p>
  );
}

function NoRun({ projectId }: { projectId: string }) {
  return (
    <Empty
      icon={Bot}
      title="There is no such run"
      action={
        <Link to="/projects/$projectId/queue" params={{ projectId }} className="text-sm font-medium link">
          Go to the queue
        </Link>
      }
    >
      The link is wrong, or you have no access to it.
    </Empty>
  );
}
