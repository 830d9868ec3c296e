import type { Task } from "@ymera/client";

import { useClient } from "#/app/client";
import { act } from "#/app/errors";
import { PriorityGlyph, StatusGlyph } from "#/ui/glyphs";
import { MenuChoices } from "#/ui/menu";

import { transitionTask, updateTask } from "./actions";
import { canMove, PRIORITIES, PRIORITY_NAMES, STATUS_NAMES, STATUSES } from "./model";

/** In a menu: the statuses that a task may have next. */
export function StatusChoices({ task }: { task: Task }) {
  const client = useClient();
  return (
    <MenuChoices
      value={task.status}
      choices={STATUSES.map((status) => ({
        value: status,
        label: STATUS_NAMES[status],
        icon: <StatusGlyph status={status} />,
        disabled: !canMove(task.status, status),
      }))}
      onChange={(status) => act(transitionTask(client, task, status), "The task could not be moved")}
    />
  );
}

/** In a menu: how pressing a task is. */
export function PriorityChoices({ task }: { task: Task }) {
  const client = useClient();
  return (
    <MenuChoices
      value={task.priority}
      choices={PRIORITIES.map((priority) => ({
        value: priority,
        label: PRIORITY_NAMES[priority],
        icon: <PriorityGlyph priority={priority} />,
      }))}
      onChange={(priority) =>
        act(updateTask(client, task, { priority }), "The priority could not be changed")
      }
    />
  );
}
