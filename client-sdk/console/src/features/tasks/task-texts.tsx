import type { Task } from "@ymera/client";
import clsx from "clsx";
import { type KeyboardEvent, useRef, useState } from "react";

import { useClient } from "#/app/client";
import { report } from "#/app/errors";
import { Button } from "#/ui/button";
import { CONTROL, TextArea } from "#/ui/field";
import { Keys } from "#/ui/keys";
import { Prose } from "#/ui/markdown";

import { currentOf, updateTask } from "./actions";
import type { TaskProps } from "./task-view";

type TextField = "title" | "description";

/**
 * A text being edited. What others write meanwhile is not overwritten: saving then fails with
 * both versions in hand, and the writer chooses.
 */
function useTextDraft(task: Task, field: TextField) {
  const client = useClient();
  const [draft, setDraft] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Task | null>(null);
  const base = useRef(task);
  const begin = () => {
    base.current = task;
    setDraft(task[field]);
  };
  const save = (text: string, on: Task) => {
    setDraft(null);
    setTheirs(null);
    if (text === on[field]) return;
    updateTask(client, on, { [field]: text }).catch((error: unknown) => {
      const current = currentOf(error);
      if (!current) {
        report(`The ${field} could not be changed`, error);
        return;
      }
      setTheirs(current);
      setDraft(text);
    });
  };
  return {
    draft,
    setDraft,
    theirs,
    begin,
    save: (text: string) => save(text, newest(base.current, task)),
    keepMine: () => theirs && draft !== null && save(draft, theirs),
    takeTheirs: () => {
      setTheirs(null);
      setDraft(null);
    },
  };
}

/** The version to name: the shown one, with the text as it was when the writing began. */
function newest(base: Task, shown: Task): Task {
  return shown.title === base.title && shown.description === base.description ? shown : base;
}

export function TaskTitle({ task, view }: TaskProps) {
  const { draft, setDraft, theirs, begin, save, keepMine, takeTheirs } = useTextDraft(task, "title");
  if (!view.access.canEdit)
    return <h2 className="text-xl font-semibold tracking-tight text-pretty">{task.title}</h2>;
  const finish = () => {
    const text = (draft ?? "").replace(/\s+/g, " ").trim();
    if (draft !== null && !theirs) save(text || task.title);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape" && draft !== null) {
      event.stopPropagation();
      event.preventDefault();
      setDraft(null);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.currentTarget.blur();
    }
  };
  return (
    <>
      <h2 className="sr-only">{task.title}</h2>
      <TextArea
        bare
        aria-label="Title"
        value={draft ?? task.title}
        maxLength={300}
        minRows={1}
        maxRows={8}
        onFocus={begin}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={finish}
        className="-mx-2 w-[calc(100%+1rem)]! rounded-md px-2 py-0 text-xl leading-7 font-semibold tracking-tight hover:bg-hover focus:bg-transparent focus-visible:ring-1 focus-visible:ring-accent"
      />
      {theirs && <Clash text={theirs.title} onKeep={keepMine} onTake={takeTheirs} />}
    </>
  );
}

export function TaskDescription({ task, view }: TaskProps) {
  const { draft, setDraft, theirs, begin, save, keepMine, takeTheirs } = useTextDraft(task, "description");
  if (draft === null)
    return (
      <section aria-label="Description">
        {task.description ? (
          <div className="group relative text-base">
            <Prose text={task.description} />
            {view.access.canEdit && (
              <Button size="sm" look="ghost" onClick={begin} className="mt-2 -ml-2.5 text-ink-3">
                Edit description
              </Button>
            )}
          </div>
        ) : (
          view.access.canEdit && (
            <button
              type="button"
              onClick={begin}
              className="-mx-2 w-[calc(100%+1rem)] rounded-md px-2 py-1.5 text-left text-base text-ink-3 hover:bg-hover"
            >
              Add a description…
            </button>
          )
        )}
      </section>
    );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) save(draft);
    else if (event.key === "Escape") setDraft(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section aria-label="Description">
      <TextArea
        aria-label="Description"
        // eslint-disable-next-line jsx-a11y/no-autofocus -- opened by the button that asks to write
        autoFocus
        value={draft}
        maxLength={20_000}
        minRows={4}
        maxRows={24}
        placeholder="Markdown"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className={clsx(CONTROL, "text-base")}
      />
      {theirs ? (
        <Clash text={theirs.description} onKeep={keepMine} onTake={takeTheirs} />
      ) : (
        <div className="mt-2 flex items-center gap-2">
          <Button size="sm" look="primary" onClick={() => save(draft)}>
            Save
          </Button>
          <Button size="sm" look="ghost" onClick={() => setDraft(null)}>
            Cancel
          </Button>
          <span className="ml-auto text-2xs text-ink-3">
            <Keys combo="mod+enter" /> saves
          </span>
        </div>
      )}
    </section>
  );
}

/** Somebody else changed the same text first. Both are kept until the writer decides. */
function Clash({ text, onKeep, onTake }: { text: string; onKeep: () => void; onTake: () => void }) {
  return (
    <div role="alert" className="mt-2 rounded-lg border border-warn/40 bg-warn-soft p-3">
      <p className="text-xs font-medium text-warn">
        Someone changed this while you were writing. Theirs reads:
      </p>
      <p className="mt-1.5 max-h-32 overflow-y-auto text-sm whitespace-pre-wrap text-ink">
        {text || "(empty)"}
      </p>
      <div className="mt-2.5 flex gap-2">
        <Button size="sm" look="primary" onClick={onKeep}>
          Save mine instead
        </Button>
        <Button size="sm" onClick={onTake}>
          Keep theirs
        </Button>
      </div>
    </div>
  );
}
