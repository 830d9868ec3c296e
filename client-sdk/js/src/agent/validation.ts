/** Whether a value satisfies a JSON Schema of the dialect that the server speaks, 2020-12. */

import { Ajv2020 } from "ajv/dist/2020.js";

import type { Schema } from "../generated/protocol.js";

/** What is wrong with a value, in words that go on after its name; null if it satisfies the schema. */
export function faultOf(schema: Schema | undefined, value: unknown): string | null {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  if (ajv.validate(schema ?? {}, value)) return null;
  const [first] = ajv.errors ?? [];
  return `${first?.instancePath ?? ""} ${first?.message ?? "does not satisfy its schema"}`.trim();
}
