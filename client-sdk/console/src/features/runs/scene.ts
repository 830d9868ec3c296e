/**
 * A run as its events tell it: where it stands, what it wrote, and what happened, step by step.
 *
 * Invariant: the same events always give the same scene, so a replay shows what a watcher saw then.
 */

import type { Artifact, LoggedEvent, LogLevel, Question, RunInfo, RunOutputted } from "@ymera/client";

import { addStep, type Step } from "./steps";
import { told, type Told } from "./told";

/** What one attempt wrote. */
export interface Output {
  fence: number;
  text: string;
  /** The offset, in characters, at which its next piece is expected. */
  end: number;
  /** It reached the limit of what is kept. */
  truncated: boolean;
}

export interface LogLine {
  seq: number;
  at: string;
  fence: number;
  level: LogLevel;
  message: string;
  data: Readonly<Record<string, unknown>> | null;
}

export interface Scene {
  run: RunInfo | null;
  outputs: Output[];
  lines: LogLine[];
  steps: Step[];
  questions: Question[];
  artifacts: Artifact[];
}

/** The scene after the first `count` events of a run's history. */
export function sceneOf(events: readonly LoggedEvent[], count: number = events.length): Scene {
  const scene: Scene = { run: null, outputs: [], lines: [], steps: [], questions: [], artifacts: [] };
  for (let index = 0; index < count; index++) {
    const event = events[index];
    if (!event) break;
    apply(scene, told(event));
    addStep(scene.steps, event);
  }
  return scene;
}

function apply(scene: Scene, event: Told): void {
  switch (event.type) {
    case "run.created":
    case "run.updated":
    case "run.ended":
      scene.run = event.data.run;
      break;
    case "run.progressed":
      if (scene.run) scene.run = { ...scene.run, ...event.data.run };
      break;
    case "run.outputted":
      write(scene.outputs, event.data);
      break;
    case "run.logged": {
      const { fence, level, message, data } = event.data;
      scene.lines.push({ seq: event.seq, at: event.at, fence, level, message, data });
      break;
    }
    case "run.attached":
      scene.artifacts.push(event.data.artifact);
      break;
    case "question.asked":
    case "question.closed":
    case "approval.used":
      keep(scene.questions, event.data.question);
      break;
  }
}

function keep(questions: Question[], question: Question): void {
  const index = questions.findIndex(({ id }) => id === question.id);
  if (index < 0) questions.push(question);
  else questions[index] = question;
}

/** Puts a piece of output where it belongs: what is repeated is left out, what is missing is named. */
function write(outputs: Output[], piece: RunOutputted): void {
  let output = outputs.at(-1);
  if (output?.fence !== piece.fence) {
    output = { fence: piece.fence, text: "", end: piece.offset, truncated: false };
    outputs.push(output);
  }
  // Offsets count characters; JavaScript's strings count halves of those beyond the basic plane.
  const characters = Array.from(piece.text);
  const repeated = output.end - piece.offset;
  if (repeated < 0) output.text += `\n[${-repeated} characters are missing here]\n`;
  output.text += repeated > 0 ? characters.slice(repeated).join("") : piece.text;
  output.end = Math.max(output.end, piece.offset + characters.length);
  output.truncated ||= piece.truncated;
}

/** Whether an event of a project's room is about this run. */
export function concerns(event: LoggedEvent, runId: string): boolean {
  const data = event.data as {
    run_id?: string;
    run?: { id?: string };
    artifact?: { run_id?: string };
    question?: { run_id?: string };
  };
  return [data.run_id, data.run?.id, data.artifact?.run_id, data.question?.run_id].includes(runId);
}
