/** Whether a value satisfies a JSON Schema of the dialect that the server speaks, 2020-12. */

import { Ajv2020 } from "ajv/dist/2020.js";

import type { Schema } from "../generated/protocol.js";
import type { AnyHandler, Skill } from "./attempt.js";
import { Fatal } from "./errors.js";

/** What is wrong with a value, in words that go on after its name; null if it satisfies the schema. */
export function faultOf(schema: Schema | undefined, value: unknown): string | null {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  if (ajv.validate(schema ?? {}, value)) return null;
  const [first] = ajv.errors ?? [];
  return `${first?.instancePath ?? ""} ${first?.message ?? "does not satisfy its schema"}`.trim();
}

/** What can be done, held to its own schemas: for runs whose input and result no server can read. */
export function checked({ capability, handler }: Skill): Skill {
  const check: AnyHandler = async (run, input) => {
    const unfit = faultOf(capability.input, input);
    if (unfit !== null) throw new Fatal(`The input ${unfit}.`, { invalid: true });
    const result: unknown = await handler(run, input);
    const fault = faultOf(capability.output, result ?? null);
    if (fault !== null) throw new Fatal(`The result was refused: it ${fault}.`);
    return result;
  };
  return { capability, handler: check };
}
