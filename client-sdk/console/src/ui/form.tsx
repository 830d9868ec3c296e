/** Forms: labelled fields, what stands under them, and sending once. */

import { type ComponentProps, type ReactNode, type SubmitEvent, useState } from "react";

import { Button } from "./button";
import { DialogBody, DialogFooter } from "./dialog";
import { Field, Input, Select, TextArea } from "./field";

interface Labelled {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
}

interface Valued<T> {
  value: T;
  onChange: (value: T) => void;
}

type TextFieldProps = Labelled & Valued<string> & Omit<ComponentProps<"input">, "value" | "onChange">;

export function TextField({ label, hint, error, onChange, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => <Input {...props} {...rest} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

type AreaFieldProps = Labelled &
  Valued<string> & {
    minRows?: number;
    maxRows?: number;
    maxLength?: number;
    placeholder?: string;
    mono?: boolean;
  };

/** A longer text; `mono` where it is code. */
export function AreaField({ label, hint, error, onChange, mono = false, ...rest }: AreaFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <TextArea
          {...props}
          maxLength={20_000}
          {...rest}
          {...(mono && { className: "font-mono text-xs", spellCheck: false })}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

type SelectFieldProps<T extends string> = Labelled &
  Valued<T> & { choices: readonly (readonly [value: T, label: string])[] };

export function SelectField<T extends string>({
  label,
  hint,
  error,
  value,
  onChange,
  choices,
}: SelectFieldProps<T>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <Select {...props} value={value} onChange={(event) => onChange(event.target.value as T)}>
          {choices.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

type CheckFieldProps = { label: string; hint?: string } & Valued<boolean>;

export function CheckField({ label, hint, value, onChange }: CheckFieldProps) {
  return (
    <label className="flex items-start gap-2.5 text-sm">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 accent-accent-solid"
      />
      <span>
        {label}
        {hint && <span className="block text-xs text-ink-3">{hint}</span>}
      </span>
    </label>
  );
}

/** Sends a form, once at a time, and keeps what there was against it; `run` sends without one. */
export function useSubmission(send: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await send();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const begin = () => {
    if (!busy) void run();
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    begin();
  };
  return { busy, error, onSubmit, run: begin };
}

interface DialogFormProps {
  action: string;
  busy?: boolean;
  disabled?: boolean;
  onSubmit: (event: SubmitEvent) => void;
  onCancel: () => void;
  children: ReactNode;
}

/** The form that fills a dialog. */
export function DialogForm({ action, busy, disabled, onSubmit, onCancel, children }: DialogFormProps) {
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody>{children}</DialogBody>
      <DialogFooter>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy ?? false} disabled={disabled ?? false}>
          {action}
        </Button>
      </DialogFooter>
    </form>
  );
}
