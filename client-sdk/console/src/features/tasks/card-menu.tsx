import type { Task } from "@ymera/client";
import { CircleDot, Ellipsis, Link2, SignalHigh, Trash2, UserPlus } from "lucide-react";
import { useState } from "react";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { IconButton } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { Menu, MenuItem, MenuSeparator, MenuSub } from "#/ui/menu";
import { toast } from "#/ui/toast";

import { assignTask, deleteTask } from "./actions";
import { toggled } from "./filters";
import { PriorityChoices, StatusChoices } from "./task-choices";

/** What can be done to a task without opening it. */
export function CardMenu({ task }: { task: Task }) {
  return (
    <div className="absolute top-1.5 right-1.5 z-10 invisible transition-[visibility] duration-150 group-focus-within:visible group-hover:visible has-[[data-state=open]]:visible pointer-coarse:visible">
      <TaskMenu task={task} onCard />
    </div>
  );
}

interface TaskMenuProps {
  task: Task;
  /** True: lies over a card, whose text must not shine through. */
  onCard?: boolean;
  onDeleted?: () => void;
}

export function TaskMenu({ task, onCard = false, onDeleted }: TaskMenuProps) {
  const client = useClient();
  const [asking, setAsking] = useState(false);
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
          <StatusChoices task={task} />
        </MenuSub>
        <MenuSub label="Priority" icon={<SignalHigh />}>
          <PriorityChoices task={task} />
        </MenuSub>
        <AssignItem task={task} />
        <MenuItem icon={<Link2 />} onSelect={() => act(copyLink(task), "The link could not be copied")}>
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

function AssignItem({ task }: { task: Task }) {
  const client = useClient();
  const me = useMe();
  const assignees = toggled(task.assignees, me.id) ?? [];
  return (
    <MenuItem
      icon={<UserPlus />}
      onSelect={() => act(assignTask(client, task, assignees), "The task could not be assigned")}
    >
      {task.assignees.includes(me.id) ? "Take me off it" : "Assign to me"}
    </MenuItem>
  );
}

async function copyLink(task: Task): Promise<void> {
  const path = `/projects/${task.project_id}/tasks/${task.id}`;
  await navigator.clipboard.writeText(`${window.location.origin}${path}`);
  toast("Link copied");
}
