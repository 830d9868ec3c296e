import type { ProjectState } from "@ymera/client";

export const PROJECT_STATES: readonly ProjectState[] = [
  "draft",
  "active",
  "on_hold",
  "completed",
  "archived",
];

export const PROJECT_STATE_NAMES: Readonly<Record<ProjectState, string>> = {
  draft: "Draft",
  active: "Active",
  on_hold: "On hold",
  completed: "Completed",
  archived: "Archived",
};
