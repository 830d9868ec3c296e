import type { Priority, TaskStatus } from "@ymera/client";
import { useParams } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { useClient, useMe, useRoom } from "#/app/client";
import { act } from "#/app/errors";
import { useMemberships } from "#/app/sidebar";
import { Button } from "#/ui/button";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Field, Input, Select, TextArea } from "#/ui/field";
import { toast } from "#/ui/toast";

import { createTask } from "./actions";
import { lastRank, PRIORITIES, PRIORITY_NAMES, STATUS_NAMES, STATUSES } from "./model";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewTask({ open, onOpenChange }: Props) {
  const { projectId } = useParams({ strict: false });
  const { projects } = useMemberships();
  const first = projectId ?? projects[0]?.id;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New task">
      {first ? (
        <Form project={first} done={() => onOpenChange(false)} />
      ) : (
        <DialogBody>There is no project yet. Create one first.</DialogBody>
      )}
    </Dialog>
  );
}

function Form({ project, done }: { project: string; done: () => void }) {
  const client = useClient();
  const me = useMe();
  const { projects } = useMemberships();
  const [projectId, setProjectId] = useState(project);
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [status, setStatus] = useState<TaskStatus>("todo");
  const [priority, setPriority] = useState<Priority>("none");
  const [mine, setMine] = useState(false);
  const { tasks } = useRoom(projectId).state;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = {
      project_id: projectId,
      title: title.trim(),
      description,
      status,
      priority,
      assignees: mine ? [me.id] : [],
    };
    act(createTask(client, uuidv7(), lastRank(tasks), me.id, fields), "The task could not be added");
    toast("Task added", { detail: fields.title });
    done();
  };
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        <Field label="Title">
          {(props) => (
            <Input
              {...props}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
              required
              maxLength={300}
              placeholder="What needs doing?"
            />
          )}
        </Field>
        <Field label="Description">
          {(props) => (
            <TextArea
              {...props}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
              maxLength={20_000}
              minRows={3}
              maxRows={10}
              placeholder="Markdown"
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Status">
            {(props) => (
              <Select
                {...props}
                value={status}
                onChange={(event) => setStatus(event.target.value as TaskStatus)}
              >
                {STATUSES.map((each) => (
                  <option key={each} value={each}>
                    {STATUS_NAMES[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Priority">
            {(props) => (
              <Select
                {...props}
                value={priority}
                onChange={(event) => setPriority(event.target.value as Priority)}
              >
                {PRIORITIES.map((each) => (
                  <option key={each} value={each}>
                    {PRIORITY_NAMES[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        {projects.length > 1 && (
          <Field label="Project">
            {(props) => (
              <Select {...props} value={projectId} onChange={(event) => setProjectId(event.target.value)}>
                {!projects.some(({ id }) => id === projectId) && (
                  <option value={projectId}>This project</option>
                )}
                {projects.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <label className="flex items-center gap-2.5 text-sm">
          <input
            type="checkbox"
            checked={mine}
            onChange={(event) => setMine(event.target.checked)}
            className="size-4 accent-accent-solid"
          />
          Assign to me
        </label>
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" disabled={!title.trim()}>
          Add task
        </Button>
      </DialogFooter>
    </form>
  );
}
