/** Who may answer a question, as far as the console can tell; the server decides. */

import type { Member, Question } from "@ymera/client";

import type { Access } from "#/app/access";

export function mayAnswer(question: Question, me: Pick<Member, "id" | "kind">, access: Access): boolean {
  if (question.kind === "approval" && me.kind !== "person") return false;
  if (access.canManage) return true;
  return question.asked.length === 0 ? access.canEdit : question.asked.includes(me.id);
}

/** Whether a question, of those that one may answer, waits for this very member. */
export function waitsFor(question: Question, me: string): boolean {
  return question.asked.length === 0 || question.asked.includes(me);
}
