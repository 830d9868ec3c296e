/** Questions of runs in encrypted projects, which the server cannot list. */

import type { Member, Question } from "@ymera/client";
import { useCallback } from "react";

import { sealedAccess } from "#/app/access";
import { useMe } from "#/app/client";
import { type SealedPlace, useAcross } from "#/features/encryption/across";
import { archivedIn } from "#/features/encryption/name";

import { mayAnswer } from "./answer";

/** The open questions of encrypted projects that one may answer, live. */
export function useSealedQuestions(): readonly Question[] {
  const { id, kind } = useMe();
  const read = useCallback((place: SealedPlace) => openQuestionsIn(place, { id, kind }), [id, kind]);
  return useAcross(read);
}

/** The open questions of an encrypted project that a member may answer. */
export function openQuestionsIn(
  { id, state, sealed }: Omit<SealedPlace, "name">,
  me: Pick<Member, "id" | "kind">,
): readonly Question[] {
  const access = sealedAccess(sealed, archivedIn(state, id));
  // A reader says nothing, and where a project is archived or stands still, nothing can be said.
  if (!access.canEdit) return [];
  return Object.values(state.questions).filter((question) => mayAnswer(question, me, access));
}
