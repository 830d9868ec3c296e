import type { RunInfo, RunState } from "@ymera/client";
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePlay,
  CircleQuestionMark,
  CircleSlash,
  CircleX,
  ShieldQuestionMark,
} from "lucide-react";

import { Chip } from "#/ui/chip";

import { hasEnded, standingOf } from "./states";

const ICONS: Readonly<Record<RunState, typeof CircleCheck>> = {
  submitted: CircleDashed,
  working: CirclePlay,
  "input-required": CircleQuestionMark,
  "auth-required": ShieldQuestionMark,
  completed: CircleCheck,
  failed: CircleX,
  canceled: CircleSlash,
  rejected: Ban,
};

type Tone = "plain" | "warn" | "danger" | "accent" | "good";

const TONES: Readonly<Record<RunState, Tone>> = {
  submitted: "plain",
  working: "accent",
  "input-required": "warn",
  "auth-required": "warn",
  completed: "good",
  failed: "danger",
  canceled: "plain",
  rejected: "danger",
};

export type Standing = Pick<RunInfo, "state" | "canceling" | "waiting_for" | "stale">;

/** Where a run stands. */
export function RunStateChip({ run }: { run: Standing }) {
  const Icon = ICONS[run.state];
  const stopping = run.canceling && !hasEnded(run.state);
  return (
    <span className="inline-flex items-center gap-1.5">
      <Chip tone={stopping ? "warn" : TONES[run.state]}>
        <Icon aria-hidden /> {standingOf(run)}
      </Chip>
      {run.stale && !hasEnded(run.state) && <Chip tone="warn">No progress</Chip>}
    </span>
  );
}
