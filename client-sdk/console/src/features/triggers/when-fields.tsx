import type { CatchUp } from "@ymera/client";
import { useId } from "react";

import { AreaField, SelectField, TextField } from "#/ui/form";

import { inZone, nextTimes, zones } from "./cron";
import type { TriggerDraft } from "./draft";
import { CATCH_UP_NAMES, USUAL_EVENTS } from "./names";

interface FieldsProps {
  draft: TriggerDraft;
  set: (change: Partial<TriggerDraft>) => void;
  errors: Readonly<Record<string, string>>;
}

/** When a trigger fires, by its kind. */
export function WhenFields(props: FieldsProps) {
  switch (props.draft.kind) {
    case "schedule":
      return <ScheduleFields {...props} />;
    case "event":
      return <EventFields {...props} />;
    case "webhook":
      return (
        <p className="text-xs text-ink-3">
          The address and the secret to sign with are shown once, when it is made.
        </p>
      );
  }
}

const CATCH_UPS = (["latest", "skip", "all"] as const satisfies readonly CatchUp[]).map(
  (each) => [each, CATCH_UP_NAMES[each]] as const,
);

function ScheduleFields({ draft, set, errors }: FieldsProps) {
  const list = useId();
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Times"
          hint="Minute, hour, day, month, weekday, as crontab has them."
          error={errors["cron"] ?? null}
          value={draft.cron}
          onChange={(cron) => set({ cron })}
          required
          maxLength={200}
          placeholder="30 8 * * MON-FRI"
          className="font-mono"
        />
        <TextField
          label="Time zone"
          error={errors["zone"] ?? null}
          value={draft.zone}
          onChange={(zone) => set({ zone })}
          required
          maxLength={64}
          list={list}
        />
        <datalist id={list}>
          {zones().map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      <NextTimes cron={draft.cron} zone={draft.zone} />
      <SelectField<CatchUp>
        label="Times that pass while the server is down"
        value={draft.catchUp}
        onChange={(catchUp) => set({ catchUp })}
        choices={CATCH_UPS}
      />
    </>
  );
}

function NextTimes({ cron, zone }: { cron: string; zone: string }) {
  if (!cron.trim()) return null;
  const times = nextTimes(cron, zone, 5);
  return (
    <p role="status" className="text-xs text-ink-2 tabular">
      {times === null || times.length === 0 ? (
        "These five fields and this zone make no times yet."
      ) : (
        <>Next: {times.map((time) => inZone(time, zone)).join("; ")}</>
      )}
    </p>
  );
}

function EventFields({ draft, set, errors }: FieldsProps) {
  const list = useId();
  return (
    <>
      <TextField
        label="Event"
        hint="Of this project’s room. Not those of runs, questions and triggers themselves."
        error={errors["filter"] ?? null}
        value={draft.event}
        onChange={(event) => set({ event })}
        required
        maxLength={60}
        list={list}
        placeholder="task.created"
        className="font-mono"
      />
      <datalist id={list}>
        {USUAL_EVENTS.map((event) => (
          <option key={event} value={event} />
        ))}
      </datalist>
      <AreaField
        label="Only where (optional)"
        hint={'Values by path, as JSON: {"task.status": "todo", "task.priority": ["high", "urgent"]}'}
        error={errors["where"] ?? null}
        value={draft.where}
        onChange={(where) => set({ where })}
        minRows={2}
        maxRows={6}
        mono
      />
    </>
  );
}
