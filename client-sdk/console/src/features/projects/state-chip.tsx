import type { ProjectState } from "@ymera/client";
import { Archive, CircleCheck, CircleDashed, CirclePause, CirclePlay } from "lucide-react";

import { Chip } from "#/ui/chip";

import { PROJECT_STATE_NAMES } from "./states";

const ICONS = {
  draft: CircleDashed,
  active: CirclePlay,
  on_hold: CirclePause,
  completed: CircleCheck,
  archived: Archive,
};

export function StateIcon({ state }: { state: ProjectState }) {
  const Icon = ICONS[state];
  return <Icon aria-hidden />;
}

export function StateChip({ state }: { state: ProjectState }) {
  return (
    <Chip tone={state === "on_hold" ? "warn" : state === "active" ? "accent" : "plain"}>
      <StateIcon state={state} /> {PROJECT_STATE_NAMES[state]}
    </Chip>
  );
}
