import { MAX_ASSIGNEES, MAX_LABELS, type Task } from "@ymera/client";
import clsx from "clsx";
import { CalendarDays, CornerLeftUp, X } from "lucide-react";
import { type ComponentProps, type KeyboardEvent, type ReactNode, useMemo, useState } from "react";

import { useClient } from "#/app/client";
import { act } from "#/app/errors";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { LabelChip, LabelDot } from "#/ui/chip";
import { dayOf, today } from "#/ui/dates";
import { PriorityGlyph, StatusGlyph } from "#/ui/glyphs";
import { Menu } from "#/ui/menu";
import { Picker } from "#/ui/picker";

import { assignTask, type Changes, updateTask } from "./actions";
import { toggled } from "./filters";
import { canParent, isOpen, labelsOf, PRIORITY_NAMES, STATUS_NAMES } from "./model";
import { PriorityChoices, StatusChoices } from "./task-choices";
import type { TaskProps } from "./task-view";

const VALUE =
  "flex min-h-7 w-full flex-wrap items-center gap-1.5 rounded-md px-2 py-1 text-left text-sm hover:bg-hover data-[state=open]:bg-pressed disabled:hover:bg-transparent [&>svg]:size-3.5";

/** The facts of a task, each changed where it stands. */
export function TaskFields(props: TaskProps) {
  return (
    <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-start gap-y-0.5">
      <Row label="Status">
        <StatusField {...props} />
      </Row>
      <Row label="Priority">
        <PriorityField {...props} />
      </Row>
      <Row label="Assignees">
        <AssigneesField {...props} />
      </Row>
      <Row label="Labels">
        <LabelsField {...props} />
      </Row>
      <Row label="Due">
        <DueField {...props} />
      </Row>
      <Row label="Estimate">
        <EstimateField {...props} />
      </Row>
      <Row label="Parent">
        <ParentField {...props} />
      </Row>
    </dl>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="flex h-7 items-center text-xs text-ink-3">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

/** A field's value, to be changed. It is read out with the field's name. */
function ValueButton({ name, className, children, ...rest }: ComponentProps<"button"> & { name: string }) {
  return (
    <button type="button" className={clsx(VALUE, className)} {...rest}>
      <span className="sr-only">{name}: </span>
      {children}
    </button>
  );
}

function useChange(task: Task) {
  const client = useClient();
  return (changes: Changes) => act(updateTask(client, task, changes), "The task could not be changed");
}

function StatusField({ task, view }: TaskProps) {
  return (
    <Menu
      label="Status"
      trigger={
        <ValueButton name="Status" disabled={!view.access.canEdit}>
          <StatusGlyph status={task.status} /> {STATUS_NAMES[task.status]}
        </ValueButton>
      }
    >
      <StatusChoices task={task} />
    </Menu>
  );
}

function PriorityField({ task, view }: TaskProps) {
  return (
    <Menu
      label="Priority"
      trigger={
        <ValueButton name="Priority" disabled={!view.access.canEdit}>
          <PriorityGlyph priority={task.priority} /> {PRIORITY_NAMES[task.priority]}
        </ValueButton>
      }
    >
      <PriorityChoices task={task} />
    </Menu>
  );
}

function AssigneesField({ task, view }: TaskProps) {
  const client = useClient();
  const toggle = (id: string) => {
    const assignees = (toggled(task.assignees, id) ?? []).slice(0, MAX_ASSIGNEES);
    act(assignTask(client, task, assignees), "The task could not be assigned");
  };
  return (
    <Picker
      label="Assignees"
      placeholder="Assign to…"
      multiple
      selected={task.assignees}
      onPick={toggle}
      options={view.people.map(({ id, name, kind }) => ({
        value: id,
        label: name,
        icon: <Avatar id={id} name={name} size="xs" agent={kind === "agent"} />,
      }))}
      trigger={
        <ValueButton name="Assignees" disabled={!view.access.canEdit}>
          {task.assignees.length === 0 && <span className="text-ink-3">Nobody</span>}
          {task.assignees.map((id) => (
            <span key={id} className="inline-flex items-center gap-1.5">
              <Avatar id={id} name={view.nameOf(id)} size="xs" />
              {view.nameOf(id)}
            </span>
          ))}
        </ValueButton>
      }
    />
  );
}

function LabelsField({ task, view }: TaskProps) {
  const change = useChange(task);
  const known = useMemo(
    () => [...new Set([...task.labels, ...labelsOf(Object.values(view.tasks))])],
    [task.labels, view.tasks],
  );
  const toggle = (label: string) =>
    change({ labels: (toggled(task.labels, label) ?? []).slice(0, MAX_LABELS) });
  return (
    <Picker
      label="Labels"
      placeholder="Find or add a label…"
      multiple
      selected={task.labels}
      onPick={toggle}
      onCreate={(text) => toggle(text.slice(0, 40))}
      createLabel={(text) => `Add the label “${text}”`}
      options={known.map((label) => ({ value: label, label, icon: <LabelDot label={label} /> }))}
      trigger={
        <ValueButton name="Labels" disabled={!view.access.canEdit}>
          {task.labels.length === 0 && <span className="text-ink-3">None</span>}
          {task.labels.map((label) => (
            <LabelChip key={label} label={label} />
          ))}
        </ValueButton>
      }
    />
  );
}

function DueField({ task, view }: TaskProps) {
  const change = useChange(task);
  const [editing, setEditing] = useState(false);
  const late = task.due !== null && isOpen(task.status) && task.due < today();
  const words = task.due === null ? "None" : late ? `${dayOf(task.due)}, overdue` : dayOf(task.due);
  if (editing)
    return (
      <input
        type="date"
        aria-label="Due"
        // eslint-disable-next-line jsx-a11y/no-autofocus -- opened by the button that asks for a date
        autoFocus
        defaultValue={task.due ?? ""}
        // While a year is being typed, its first digits are dates too; those are not meant.
        onFocus={(event) => showCalendar(event.currentTarget)}
        onChange={({ target }) => target.value >= "1900" && change({ due: target.value })}
        onBlur={() => setEditing(false)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          event.stopPropagation();
          setEditing(false);
        }}
        className={VALUE}
      />
    );
  return (
    <div className="flex items-center">
      <ValueButton
        name="Due"
        disabled={!view.access.canEdit}
        onClick={() => setEditing(true)}
        className={clsx("w-auto!", late ? "text-warn" : task.due === null && "text-ink-3")}
      >
        {task.due !== null && <CalendarDays aria-hidden />} {words}
      </ValueButton>
      {task.due && view.access.canEdit && (
        <IconButton label="Remove the due date" size="xs" onClick={() => change({ due: null })}>
          <X />
        </IconButton>
      )}
    </div>
  );
}

/** Opens the browser's own calendar; where it refuses, the date can be typed all the same. */
function showCalendar(input: HTMLInputElement): void {
  try {
    input.showPicker();
  } catch {
    input.select();
  }
}

function EstimateField({ task, view }: TaskProps) {
  const change = useChange(task);
  const [draft, setDraft] = useState<string | null>(null);
  const finish = () => {
    setDraft(null);
    if (draft === null) return;
    const hours = draft.trim() === "" ? null : Number(draft.replace(",", "."));
    if (hours !== null && !(hours >= 0 && hours <= 100_000)) return;
    if (hours !== task.estimate) change({ estimate: hours });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") event.currentTarget.blur();
    else if (event.key === "Escape") {
      event.stopPropagation();
      setDraft(null);
    }
  };
  return (
    <div className="flex items-center gap-1">
      <input
        inputMode="decimal"
        aria-label="Estimate in hours"
        placeholder="None"
        disabled={!view.access.canEdit}
        value={draft ?? task.estimate ?? ""}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={finish}
        onKeyDown={onKeyDown}
        className={`${VALUE} w-auto! min-w-12 bg-transparent tabular [field-sizing:content]`}
      />
      {(draft ?? task.estimate) !== null && <span className="text-xs text-ink-3">hours</span>}
    </div>
  );
}

function ParentField({ task, view, onOpen }: TaskProps) {
  const change = useChange(task);
  const parent = task.parent_id ? view.tasks[task.parent_id] : undefined;
  const options = useMemo(
    () =>
      Object.values(view.tasks)
        .filter((other) => isOpen(other.status) && canParent(view.tasks, task.id, other.id))
        .map((other) => ({
          value: other.id,
          label: other.title,
          icon: <StatusGlyph status={other.status} />,
        })),
    [view.tasks, task.id],
  );
  return (
    <div className="flex items-center">
      <Picker
        label="Parent"
        placeholder="Make this a part of…"
        selected={task.parent_id ? [task.parent_id] : []}
        onPick={(parent_id) => change({ parent_id })}
        options={options}
        trigger={
          <ValueButton name="Parent" disabled={!view.access.canEdit}>
            <span className={parent ? "truncate" : "text-ink-3"}>{parent?.title ?? "None"}</span>
          </ValueButton>
        }
      />
      {parent && (
        <>
          <IconButton label="Open the parent" size="xs" onClick={() => onOpen(parent.id)}>
            <CornerLeftUp />
          </IconButton>
          {view.access.canEdit && (
            <IconButton
              label="Take it out of the parent"
              size="xs"
              onClick={() => change({ parent_id: null })}
            >
              <X />
            </IconButton>
          )}
        </>
      )}
    </div>
  );
}
