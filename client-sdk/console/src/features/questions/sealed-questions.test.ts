import {
  EMPTY_STATE,
  type Question,
  type RoomState,
  type SealedRole,
  type SealedRoomView,
} from "@ymera/client";
import { expect, it } from "vitest";

import { openQuestionsIn } from "./sealed-questions";

const ME = { id: "ada", kind: "person" } as const;

function project(role: SealedRole, ...questions: Partial<Question>[]) {
  const open = questions.map((question, at) => ({ id: `q${at}`, kind: "text", asked: [], ...question }));
  const state = { ...EMPTY_STATE, questions: Object.fromEntries(open.map((each) => [each.id, each])) };
  return {
    id: "apollo",
    state: state as unknown as RoomState,
    sealed: { role, halted: null } as SealedRoomView,
  };
}

function idsOf(questions: readonly Question[]): string[] {
  return questions.map(({ id }) => id);
}

it("finds the questions that a member may answer", () => {
  const asked = [{}, { asked: ["bo"] }, { asked: ["bo", "ada"] }];
  expect(idsOf(openQuestionsIn(project("member", ...asked), ME))).toEqual(["q0", "q2"]);
  expect(idsOf(openQuestionsIn(project("admin", ...asked), ME))).toEqual(["q0", "q1", "q2"]);
  expect(idsOf(openQuestionsIn(project("reader", ...asked), ME))).toEqual([]);
});

it("leaves approvals to people", () => {
  const approval = project("owner", { kind: "approval" });
  expect(openQuestionsIn(approval, ME)).toHaveLength(1);
  expect(openQuestionsIn(approval, { id: "scribe", kind: "agent" })).toEqual([]);
});
