/**
 * Forms from JSON Schema: what a schema asks for as a list of fields, and what was filled in as a value.
 *
 * Invariant: every schema can be answered. What has no control of its own is written as JSON, and the
 * server has the last word on what satisfies the schema.
 */

export type Schema = Readonly<Record<string, unknown>>;
export type FieldKind = "text" | "area" | "number" | "integer" | "boolean" | "choice" | "lines" | "json";

export interface SchemaField {
  name: string;
  label: string;
  hint: string;
  kind: FieldKind;
  required: boolean;
  /** Of a choice: the values, in the schema's order. */
  choices: readonly unknown[];
  /** What stands there at first. */
  initial: Draft;
  schema: Schema;
}

/** What a control holds: text, or whether it is ticked. */
export type Draft = string | boolean;
export type Drafts = Readonly<Record<string, Draft>>;

const LONG = 200;

/** The fields of an object schema, in its order; null if it is no object with named properties. */
export function fieldsOf(root: Schema, given: Readonly<Record<string, unknown>> = {}): SchemaField[] | null {
  const schema = resolved(root, root);
  const properties = schema["properties"];
  if (!isObject(properties) || Object.keys(properties).length === 0) return null;
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  return Object.entries(properties).map(([name, property]) => {
    const own = resolved(isObject(property) ? property : {}, root);
    return fieldOf(name, own, required.includes(name), given[name] ?? own["default"]);
  });
}

function fieldOf(name: string, schema: Schema, required: boolean, initial: unknown): SchemaField {
  const kind = kindOf(schema);
  const choices = kind === "choice" ? choicesOf(schema) : [];
  return {
    name,
    label: textOf(schema["title"]) || words(name),
    hint: textOf(schema["description"]),
    kind,
    required,
    choices,
    initial: draftOf(kind, choices, initial),
    schema,
  };
}

/** Follows a reference within the schema, and takes the one alternative beside null. */
function resolved(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > 8) return schema;
  const ref = schema["$ref"];
  if (typeof ref === "string")
    return resolved({ ...lookedUp(ref, root), ...without(schema, "$ref") }, root, depth + 1);
  for (const word of ["anyOf", "oneOf"]) {
    const kinds = schema[word];
    if (!Array.isArray(kinds)) continue;
    const real = kinds.filter((each): each is Schema => isObject(each) && each["type"] !== "null");
    const [only] = real;
    if (real.length === 1 && only) return resolved({ ...only, ...without(schema, word) }, root, depth + 1);
  }
  const type = schema["type"];
  if (!Array.isArray(type)) return schema;
  const real = type.filter((each) => each !== "null");
  return real.length === 1 ? { ...schema, type: real[0] as unknown } : schema;
}

function lookedUp(ref: string, root: Schema): Schema {
  if (!ref.startsWith("#/")) return {};
  let at: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isObject(at) ? at : {};
}

function kindOf(schema: Schema): FieldKind {
  if (Array.isArray(schema["enum"])) return "choice";
  switch (schema["type"]) {
    case "string":
      return isLong(schema) ? "area" : "text";
    case "number":
      return "number";
    case "integer":
      return "integer";
    case "boolean":
      return "boolean";
    case "array":
      return isObject(schema["items"]) && schema["items"]["type"] === "string" && !schema["items"]["enum"]
        ? "lines"
        : "json";
    default:
      return "json";
  }
}

function isLong(schema: Schema): boolean {
  const most = schema["maxLength"];
  return typeof schema["format"] !== "string" && (typeof most !== "number" || most > LONG);
}

function choicesOf(schema: Schema): unknown[] {
  return (schema["enum"] as unknown[]).filter((each) => each !== null);
}

function draftOf(kind: FieldKind, choices: readonly unknown[], value: unknown): Draft {
  if (kind === "boolean") return value === true;
  if (value === undefined || value === null) return "";
  if (kind === "choice") {
    const index = choices.findIndex((each) => JSON.stringify(each) === JSON.stringify(value));
    return index < 0 ? "" : String(index);
  }
  if (kind === "lines" && Array.isArray(value)) return value.map(String).join("\n");
  if (kind === "json") return JSON.stringify(value, null, 2);
  return typeof value === "string" ? value : JSON.stringify(value);
}

export interface Filled {
  value: Record<string, unknown>;
  /** By field, what is wrong with it. */
  errors: Record<string, string>;
}

/** What was filled in. A field that was left empty is left out. */
export function filled(fields: readonly SchemaField[], drafts: Drafts): Filled {
  const value: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const draft = drafts[field.name] ?? field.initial;
    if (draft === "") {
      if (field.required && field.kind === "lines") value[field.name] = [];
      else if (field.required) errors[field.name] = "This is needed.";
      continue;
    }
    const read = readDraft(field, draft);
    if ("error" in read) errors[field.name] = read.error;
    else value[field.name] = read.value;
  }
  return { value, errors };
}

type Read = { value: unknown } | { error: string };

function readDraft(field: SchemaField, draft: Draft): Read {
  if (typeof draft === "boolean") return { value: draft };
  switch (field.kind) {
    case "number":
    case "integer":
      return readNumber(field, draft);
    case "choice":
      return { value: field.choices[Number(draft)] };
    case "lines":
      return { value: draft.split("\n").filter((line) => line.trim() !== "") };
    case "json":
      return readJson(draft);
    default:
      return readText(field.schema, draft);
  }
}

function readNumber({ kind, schema }: SchemaField, draft: string): Read {
  const value = Number(draft.replace(",", "."));
  if (!Number.isFinite(value)) return { error: "Give a number." };
  if (kind === "integer" && !Number.isInteger(value)) return { error: "Give a whole number." };
  const { minimum, maximum } = schema;
  if (typeof minimum === "number" && value < minimum) return { error: `At least ${minimum}.` };
  if (typeof maximum === "number" && value > maximum) return { error: `At most ${maximum}.` };
  return { value };
}

function readText({ minLength, maxLength }: Schema, draft: string): Read {
  const length = Array.from(draft).length;
  if (typeof minLength === "number" && length < minLength)
    return { error: `At least ${minLength} characters.` };
  if (typeof maxLength === "number" && length > maxLength)
    return { error: `At most ${maxLength} characters.` };
  return { value: draft };
}

/** What a JSON text says, or that it is none. */
export function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: `This is not JSON: ${(error as Error).message}` };
  }
}

/** `max_words` as `Max words`. */
function words(name: string): string {
  const spaced = name.replaceAll(/[_-]+/g, " ").replaceAll(/([a-z])([A-Z])/g, "$1 $2");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(schema: Schema, word: string): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== word));
}
