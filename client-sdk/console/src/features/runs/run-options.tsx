import type { Priority, RunCreate } from "@ymera/client";

import { moneyFrom } from "#/ui/amounts";
import { fromLocal } from "#/ui/dates";
import { CheckField, SelectField, TextField } from "#/ui/form";

import { PRIORITIES, PRIORITY_NAMES } from "../tasks/model";

export interface RunOptionsValue {
  /** Empty: the task's. */
  priority: Priority | "";
  notBefore: string;
  deadline: string;
  budget: string;
  attempts: string;
  review: boolean;
}

export const NO_OPTIONS: RunOptionsValue = {
  priority: "",
  notBefore: "",
  deadline: "",
  budget: "",
  attempts: "",
  review: false,
};

type Options = Pick<RunCreate, "priority" | "not_before" | "deadline" | "budget" | "attempts" | "review">;

/** What the fields say, as the command takes it. */
export function optionsOf(value: RunOptionsValue): Options {
  return {
    priority: value.priority || null,
    not_before: fromLocal(value.notBefore),
    deadline: fromLocal(value.deadline),
    budget: moneyFrom(value.budget) ?? null,
    attempts: value.attempts === "" ? null : Number(value.attempts),
    review: value.review,
  };
}

export function hasOptionFault(value: RunOptionsValue): boolean {
  return moneyFrom(value.budget) === undefined || attemptsFault(value.attempts) !== null;
}

function attemptsFault(text: string): string | null {
  const attempts = Number(text);
  if (text === "" || (Number.isInteger(attempts) && attempts >= 1 && attempts <= 20)) return null;
  return "From 1 to 20.";
}

interface RunOptionsProps {
  value: RunOptionsValue;
  onChange: (value: RunOptionsValue) => void;
  /** The task's own priority. */
  inherited: Priority;
}

/** What is seldom needed, folded away. */
export function RunOptions({ value, onChange, inherited }: RunOptionsProps) {
  const set = (change: Partial<RunOptionsValue>) => onChange({ ...value, ...change });
  return (
    <details className="rounded-md border px-3 py-2">
      <summary className="rounded-sm text-xs font-medium text-ink-2 hover:text-ink">
        Priority, times, budget and review
      </summary>
      <div className="mt-3 grid gap-3 pb-1 sm:grid-cols-2">
        <SelectField<Priority | "">
          label="Priority"
          value={value.priority}
          onChange={(priority) => set({ priority })}
          choices={[
            ["", `As the task: ${PRIORITY_NAMES[inherited]}`],
            ...PRIORITIES.map((each) => [each, PRIORITY_NAMES[each]] as const),
          ]}
        />
        <TextField
          label="Budget"
          hint="Most that it may cost."
          error={moneyFrom(value.budget) === undefined ? "Give an amount, such as 0.50." : null}
          inputMode="decimal"
          value={value.budget}
          onChange={(budget) => set({ budget })}
          placeholder="No limit"
        />
        <TextField
          label="Not before"
          type="datetime-local"
          value={value.notBefore}
          onChange={(notBefore) => set({ notBefore })}
        />
        <TextField
          label="Deadline"
          type="datetime-local"
          value={value.deadline}
          onChange={(deadline) => set({ deadline })}
        />
        <TextField
          label="Attempts"
          error={attemptsFault(value.attempts)}
          inputMode="numeric"
          value={value.attempts}
          onChange={(attempts) => set({ attempts })}
          placeholder="As the capability says"
        />
        <CheckField
          label="Review first"
          hint="The task goes into review, not to done."
          value={value.review}
          onChange={(review) => set({ review })}
        />
      </div>
    </details>
  );
}
