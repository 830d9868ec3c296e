import { useMemo } from "react";

import { useDirectory, useMe, useRoom } from "#/app/client";
import { messageOf } from "#/app/errors";
import { waitsFor } from "#/features/questions/answer";
import { QuestionCard, RunPlace } from "#/features/questions/question-card";
import { useOpenQuestions, useQuestionRooms } from "#/features/questions/use-questions";

/** The questions and approvals that runs wait for, to be answered in place: those for you first. */
export function Waiting() {
  const me = useMe();
  const { nameOf } = useDirectory();
  const { memberships } = useRoom(me.id).state;
  const open = useOpenQuestions();
  const questions = useMemo(
    () => [...(open.data ?? [])].sort((a, b) => Number(waitsFor(b, me.id)) - Number(waitsFor(a, me.id))),
    [open.data, me.id],
  );
  useQuestionRooms(questions);
  if (open.isError && !open.data)
    return (
      <p role="alert" className="border-b px-4 py-3 text-xs text-danger">
        The open questions could not be loaded. {messageOf(open.error)}
      </p>
    );
  if (questions.length === 0) return null;
  return (
    <section aria-label="Waiting for an answer" className="border-b bg-sunken/60 px-4 py-4">
      <h2 className="mb-3 text-sm font-semibold">
        {questions.length === 1 ? "One question waits" : `${questions.length} questions wait`} for an answer
      </h2>
      <ul className="flex max-w-3xl flex-col gap-3">
        {questions.map((question) => (
          <li key={question.id}>
            <QuestionCard
              question={question}
              nameOf={nameOf}
              answer="yes"
              place={
                <RunPlace
                  question={question}
                  project={memberships[question.project_id]?.name ?? "a project"}
                />
              }
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
