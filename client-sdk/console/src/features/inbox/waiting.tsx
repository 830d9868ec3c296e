import type { Question } from "@ymera/client";
import { useMemo } from "react";

import { useDirectory, useMe, useRoom } from "#/app/client";
import { messageOf } from "#/app/errors";
import { nameIn } from "#/features/encryption/name";
import { useIsEncrypted } from "#/features/encryption/use-sealed";
import { waitsFor } from "#/features/questions/answer";
import { QuestionCard, RunPlace } from "#/features/questions/question-card";
import { useOpenQuestions, useQuestionRooms } from "#/features/questions/use-questions";

/** The questions and approvals that runs wait for, to be answered in place: those for you first. */
export function Waiting() {
  const me = useMe();
  const { nameOf } = useDirectory();
  const { questions: open, error } = useOpenQuestions();
  const questions = useMemo(
    () => [...open].sort((a, b) => Number(waitsFor(b, me.id)) - Number(waitsFor(a, me.id))),
    [open, me.id],
  );
  useQuestionRooms(questions);
  return (
    <>
      {error !== null && (
        <p role="alert" className="border-b px-4 py-3 text-xs text-danger">
          The open questions could not be loaded. {messageOf(error)}
        </p>
      )}
      {questions.length > 0 && <Questions questions={questions} nameOf={nameOf} />}
    </>
  );
}

interface QuestionsProps {
  questions: readonly Question[];
  nameOf: (id: string | null | undefined) => string;
}

function Questions({ questions, nameOf }: QuestionsProps) {
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
              place={<RunPlace question={question} project={<ProjectName id={question.project_id} />} />}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ProjectName({ id }: { id: string }) {
  const me = useMe();
  const { memberships } = useRoom(me.id).state;
  return useIsEncrypted(id) ? <SealedName id={id} /> : (memberships[id]?.name ?? "a project");
}

/** The server does not know what an encrypted project is called. */
function SealedName({ id }: { id: string }) {
  return nameIn(useRoom(id).state, id);
}
