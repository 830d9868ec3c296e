import type { Task } from "@ymera/client";
import { CircleDot, Ellipsis, Link2, SignalHigh, Trash2, UserPlus } from "lucide-react";
import { useState } from "react";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { IconButton } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { PriorityGlyph, StatusGlyph } from "#/ui/glyphs";
import { Menu, MenuChoices, MenuItem, MenuSeparator, MenuSub } from "#/ui/menu";
import { toast } from "#/ui/toast";

import { assignTask, deleteTask, moveTask, updateTask } from "./actions";
import { canMove, PRIORITIES, PRIORITY_NAMES, rankBetween, STATUS_NAMES, STATUSES } from "./model";

/** What can be done to a task without opening it. */
export function CardMenu({ task }: { task: Task }) {
  return (
    <div className="absolute top-1.5 right-1.5 z-10 invisible transition-[visibility] duration-150 group-focus-within:visible group-hover:visible has-[[data-state=open]]:visible pointer-coarse:visible">
      <TaskMenu task={task} onCard />
    </div>
  );
}

export function TaskMenu({
  task,
  onCard = false,
  onDeleted,
}: {
  task: Task;
  /** True: lies over a card, whose text must not shine through. */
  onCard?: boolean;
  onDeleted?: () => void;
}) {
  const client = useClient();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const mine = task.assignees.includes(me.id);
  const assignees = mine ? task.assignees.filter((id) => id !== me.id) : [...task.assignees, me.id];
  const copyLink = async () => {
    await navigator.clipboard.writeText(
      `${window.location.origin}/projects/${task.project_id}/tasks/${task.id}`,
    );
    toast("Link copied");
  };
  return (
    <>
      <Menu
        align="end"
        label={`Actions for ${task.title}`}
        trigger={
          <IconButton
            label={`Actions for ${task.title}`}
            size={onCard ? "xs" : "sm"}
            className={onCard ? "bg-raised" : ""}
          >
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuSub label="Move to" icon={<CircleDot />}>
          <MenuChoices
            value={task.status}
            choices={STATUSES.map((status) => ({
              value: status,
              label: STATUS_NAMES[status],
              icon: <StatusGlyph status={status} />,
              disabled: !canMove(task.status, status),
            }))}
            onChange={(status) =>
              act(
                moveTask(client, task, { status, rank: rankBetween(task.rank, null) }),
                "The task could not be moved",
              )
            }
          />
        </MenuSub>
        <MenuSub label="Priority" icon={<SignalHigh />}>
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
        </MenuSub>
        <MenuItem
          icon={<UserPlus />}
          onSelect={() => act(assignTask(client, task, assignees), "The task could not be assigned")}
        >
          {mine ? "Take me off it" : "Assign to me"}
        </MenuItem>
        <MenuItem icon={<Link2 />} onSelect={() => act(copyLink(), "The link could not be copied")}>
          Copy link
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<Trash2 />} danger onSelect={() => setAsking(true)}>
          Delete…
        </MenuItem>
      </Menu>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete this task?"
        description={`“${task.title}” goes for good. Tasks that waited for it no longer do, and its subtasks move up.`}
        action="Delete task"
        onConfirm={() => {
          onDeleted?.();
          act(deleteTask(client, task), "The task could not be deleted");
        }}
      />
    </>
  );
}
