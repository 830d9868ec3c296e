import type { Question } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleQuestionMark, ShieldQuestionMark } from "lucide-react";
import type { ReactNode } from "react";

import { useClient } from "#/app/client";
import { Avatar } from "#/ui/avatar";
import { agoOf, momentOf } from "#/ui/dates";
import { Prose } from "#/ui/markdown";

import { verdictOf } from "../runs/steps";
import { ApprovalAnswer, ApprovalSubject } from "./approval";
import { ChoiceAnswer, FormAnswer, TextAnswer } from "./answers";

interface QuestionCardProps {
  question: Question;
  nameOf: (id: string | null | undefined) => string;
  /** Whether you may answer it; `then`: it is shown as it stood once. */
  answer: "yes" | "no" | "then";
  /** Where it comes from, where that is not plain from the page. */
  place?: ReactNode;
}

/** Sends an answer; resolves when it is accepted. */
export type SendAnswer = (answer: unknown, comment?: string) => Promise<void>;

/** A question of a run, with what answers it or how it was answered. */
export function QuestionCard({ question, nameOf, answer, place }: QuestionCardProps) {
  const asker = nameOf(question.agent_id);
  const open = question.state === "open";
  const Icon = question.kind === "approval" ? ShieldQuestionMark : CircleQuestionMark;
  return (
    <article
      id={`question-${question.id}`}
      aria-label={`Question of ${asker}`}
      className="rounded-lg border bg-raised p-4 shadow-card data-open:border-warn/40"
      data-open={open ? "" : undefined}
    >
      <header className="flex items-center gap-2 text-xs text-ink-2">
        <Avatar id={question.agent_id} name={asker} agent />
        <span className="min-w-0 flex-1 truncate">
          <span className="font-medium text-ink">{asker}</span>{" "}
          {question.kind === "approval" ? "asks for approval" : "asks"}
          {place}
        </span>
        <Icon aria-hidden className={open ? "size-4 text-warn" : "size-4 text-ink-3"} />
        <time
          dateTime={question.created_at}
          title={momentOf(question.created_at)}
          className="text-2xs text-ink-3"
        >
          {agoOf(question.created_at)}
        </time>
      </header>
      <div className="mt-2.5 text-base">
        <Prose text={question.prompt} />
      </div>
      {question.kind === "approval" && <ApprovalSubject question={question} />}
      <Terms question={question} nameOf={nameOf} />
      {open && answer === "yes" && <Answer question={question} />}
      {open && answer === "no" && <p className="mt-3 text-xs text-ink-3">You cannot answer this one.</p>}
      {!open && <Outcome question={question} nameOf={nameOf} />}
    </article>
  );
}

/** The way to the run that asks. */
export function RunPlace({ question, project }: { question: Question; project: ReactNode }) {
  return (
    <>
      {" "}
      in {project},{" "}
      <Link
        to="/projects/$projectId/runs/$runId"
        params={{ projectId: question.project_id, runId: question.run_id }}
        className="link"
      >
        see the run
      </Link>
    </>
  );
}

function Terms({ question, nameOf }: Pick<QuestionCardProps, "question" | "nameOf">) {
  const asked = question.asked.map(nameOf).join(", ");
  const until = question.expires_at;
  if (!asked && (until === null || question.state !== "open")) return null;
  return (
    <p className="mt-2 text-xs text-ink-3">
      {asked && <>Asked of {asked}. </>}
      {until !== null && question.state === "open" && <>Expires {momentOf(until)}.</>}
    </p>
  );
}

function Answer({ question }: { question: Question }) {
  const client = useClient();
  const queries = useQueryClient();
  const send: SendAnswer = async (answer, comment = "") => {
    await client.call("run.answer", { question_id: question.id, answer, comment });
    await queries.invalidateQueries({ queryKey: ["questions"] });
  };
  switch (question.kind) {
    case "approval":
      return <ApprovalAnswer send={send} />;
    case "choice":
      return <ChoiceAnswer question={question} send={send} />;
    case "form":
      return <FormAnswer question={question} send={send} />;
    case "text":
      return <TextAnswer send={send} />;
  }
}

function Outcome({ question, nameOf }: Pick<QuestionCardProps, "question" | "nameOf">) {
  if (question.state === "expired") return <Verdict>Nobody answered in time.</Verdict>;
  if (question.state === "withdrawn") return <Verdict>Withdrawn: the run has ended, or began anew.</Verdict>;
  return (
    <Verdict>
      <span className="font-medium text-ink">{nameOf(question.answered_by)}</span> {verdictOf(question)}
      {question.answered_at && (
        <time
          dateTime={question.answered_at}
          title={momentOf(question.answered_at)}
          className="ml-1.5 text-2xs text-ink-3"
        >
          {agoOf(question.answered_at)}
        </time>
      )}
      {question.comment && <span className="mt-0.5 block">“{question.comment}”</span>}
      {question.used_at && (
        <span className="mt-0.5 block text-xs text-ink-3">Made use of {momentOf(question.used_at)}</span>
      )}
    </Verdict>
  );
}

function Verdict({ children }: { children: ReactNode }) {
  return <p className="mt-3 border-t pt-3 break-words text-ink-2">{children}</p>;
}
