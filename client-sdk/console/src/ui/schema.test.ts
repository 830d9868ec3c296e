import { describe, expect, it } from "vitest";

import { fieldsOf, filled, type Schema } from "./schema";

const SUMMARISE: Schema = {
  type: "object",
  properties: {
    text: { type: "string", description: "What to shorten." },
    max_words: { type: "integer", minimum: 1, maximum: 1_000, default: 100 },
    ratio: { anyOf: [{ type: "number" }, { type: "null" }], default: null },
    tone: { enum: ["plain", "warm", 3] },
    polite: { type: "boolean", default: true },
    labels: { type: "array", items: { type: "string" } },
    style: { $ref: "#/$defs/Style" },
    title: { type: ["string", "null"], maxLength: 60 },
    extra: { type: "object" },
  },
  required: ["text"],
  $defs: { Style: { type: "string", enum: ["short", "long"], title: "Style of it" } },
};

function form(given: Record<string, unknown> = {}) {
  const fields = fieldsOf(SUMMARISE, given);
  if (!fields) throw new Error("an object with properties has fields");
  return fields;
}

describe("fields of a schema", () => {
  it("finds a control for each property", () => {
    expect(form().map(({ name, kind }) => [name, kind])).toEqual([
      ["text", "area"],
      ["max_words", "integer"],
      ["ratio", "number"],
      ["tone", "choice"],
      ["polite", "boolean"],
      ["labels", "lines"],
      ["style", "choice"],
      ["title", "text"],
      ["extra", "json"],
    ]);
  });

  it("names them, and starts with defaults or what is given", () => {
    const fields = form({ text: "Land on the moon", labels: ["a", "b"], style: "long" });
    const initial = Object.fromEntries(fields.map((field) => [field.name, field.initial]));
    expect(initial).toMatchObject({
      text: "Land on the moon",
      max_words: "100",
      polite: true,
      labels: "a\nb",
    });
    expect(initial["style"]).toBe("1");
    expect(fields.map(({ label }) => label)).toContain("Max words");
    expect(fields.map(({ label }) => label)).toContain("Style of it");
  });

  it("gives up on what is no object with properties", () => {
    expect(fieldsOf({ type: "object" })).toBeNull();
    expect(fieldsOf({ type: "string" })).toBeNull();
  });

  it("follows no reference in a circle or out of the schema", () => {
    const circle = {
      type: "object",
      properties: { a: { $ref: "#/properties/a" }, b: { $ref: "http://x/y" } },
    };
    expect(fieldsOf(circle)?.map(({ kind }) => kind)).toEqual(["json", "json"]);
  });
});

describe("what was filled in", () => {
  it("has each value in its type, and nothing for what is empty", () => {
    const drafts = { text: "T", max_words: "20", tone: "2", labels: "x\n\n y", extra: '{"a": 1}' };
    expect(filled(form(), drafts)).toEqual({
      value: { text: "T", max_words: 20, tone: 3, polite: true, labels: ["x", " y"], extra: { a: 1 } },
      errors: {},
    });
  });

  it("says what is wrong, by field", () => {
    const { errors } = filled(form(), { max_words: "0.5", ratio: "much", extra: "{", title: "x".repeat(61) });
    expect(errors).toMatchObject({
      text: "This is needed.",
      max_words: "Give a whole number.",
      ratio: "Give a number.",
      title: "At most 60 characters.",
    });
    expect(errors["extra"]).toMatch(/^This is not JSON/);
    expect(filled(form(), { text: "T", max_words: "5000" }).errors).toEqual({ max_words: "At most 1000." });
  });
});
