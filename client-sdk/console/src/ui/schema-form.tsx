import { useMemo, useState } from "react";

import { AreaField, CheckField, SelectField, TextField } from "./form";
import {
  type Draft,
  type Drafts,
  fieldsOf,
  type Filled,
  filled,
  readJson,
  type Schema,
  type SchemaField,
} from "./schema";

/** The whole as JSON, where a schema names no properties. */
const WHOLE = "";

export interface SchemaValue {
  fields: readonly SchemaField[] | null;
  drafts: Drafts;
  errors: Readonly<Record<string, string>>;
  set: (name: string, draft: Draft) => void;
  /** What is filled in; null, and from then on the errors shown, if something is wrong with it. */
  read: () => Record<string, unknown> | null;
}

/** The state of a form by JSON Schema. Give the component a `key` that changes with the schema. */
export function useSchemaForm(schema: Schema, given?: Readonly<Record<string, unknown>>): SchemaValue {
  const fields = useMemo(() => fieldsOf(schema, given), [schema, given]);
  const [drafts, setDrafts] = useState<Drafts>({});
  const [checked, setChecked] = useState(false);
  const { value, errors } = fields ? filled(fields, drafts) : wholeOf(drafts[WHOLE], given);
  return {
    fields,
    drafts,
    errors: checked ? errors : {},
    set: (name, draft) => setDrafts((before) => ({ ...before, [name]: draft })),
    read: () => {
      setChecked(true);
      return Object.keys(errors).length === 0 ? value : null;
    },
  };
}

function wholeOf(draft: Draft | undefined, given: Readonly<Record<string, unknown>> = {}): Filled {
  const read = typeof draft === "string" && draft.trim() !== "" ? readJson(draft) : { value: given };
  if ("error" in read) return { value: {}, errors: { [WHOLE]: read.error } };
  const isObject = typeof read.value === "object" && read.value !== null && !Array.isArray(read.value);
  return isObject
    ? { value: read.value as Record<string, unknown>, errors: {} }
    : { value: {}, errors: { [WHOLE]: "Give a JSON object, in braces." } };
}

interface SchemaFormProps {
  form: SchemaValue;
  /** Of the field for the whole, where the schema names no properties. */
  label?: string;
  given?: Readonly<Record<string, unknown>>;
}

/** The fields that a JSON Schema asks for. */
export function SchemaForm({ form, label = "Input", given = {} }: SchemaFormProps) {
  if (!form.fields)
    return (
      <AreaField
        label={label}
        hint="A JSON object."
        error={form.errors[WHOLE] ?? null}
        value={asText(form.drafts[WHOLE] ?? JSON.stringify(given, null, 2))}
        onChange={(draft) => form.set(WHOLE, draft)}
        minRows={3}
        maxRows={12}
        mono
      />
    );
  return form.fields.map((field) => (
    <SchemaControl
      key={field.name}
      field={field}
      draft={form.drafts[field.name] ?? field.initial}
      error={form.errors[field.name] ?? null}
      onChange={(draft) => form.set(field.name, draft)}
    />
  ));
}

interface ControlProps {
  field: SchemaField;
  draft: Draft;
  error: string | null;
  onChange: (draft: Draft) => void;
}

function SchemaControl({ field, draft, error, onChange }: ControlProps) {
  const { kind, label, required } = field;
  const text = asText(draft);
  const hint = [field.hint, HINTS[kind]].filter(Boolean).join(" ");
  const shared = { label: required ? label : `${label} (optional)`, hint, error };
  switch (kind) {
    case "boolean":
      return <CheckField label={label} hint={hint} value={draft === true} onChange={onChange} />;
    case "choice":
      return (
        <SelectField
          {...shared}
          value={text}
          onChange={onChange}
          choices={[
            ["", "–"],
            ...field.choices.map((each, index) => [String(index), choiceText(each)] as const),
          ]}
        />
      );
    case "text":
      return <TextField {...shared} value={text} onChange={onChange} />;
    case "number":
    case "integer":
      return <TextField {...shared} inputMode="decimal" value={text} onChange={onChange} />;
    default:
      return (
        <AreaField
          {...shared}
          value={text}
          onChange={onChange}
          minRows={kind === "area" ? 1 : 2}
          maxRows={10}
          mono={kind === "json"}
        />
      );
  }
}

const HINTS: Readonly<Partial<Record<SchemaField["kind"], string>>> = {
  lines: "One a line.",
  json: "As JSON.",
};

function choiceText(choice: unknown): string {
  return typeof choice === "string" ? choice : JSON.stringify(choice);
}

function asText(draft: Draft): string {
  return typeof draft === "string" ? draft : "";
}
