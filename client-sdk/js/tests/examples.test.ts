/** The golden examples: the compiler holds them against the types, these tests against the wire. */

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";

import { EMPTY_STATE, foldEvents, type RoomState } from "../src/fold.js";
import {
  FOLDS,
  WRITES,
  type Command,
  type Entity,
  type Ephemera,
  type EventType,
} from "../src/generated/protocol.js";
import { commands, ephemera, events } from "./generated/examples.js";

const DIRECTORY = new URL("../../../protocol/examples/", import.meta.url);
const known: Record<string, unknown> = { ...commands };
for (const type of Object.keys(events) as EventType[]) known[type] = { event: events[type] };
for (const name of Object.keys(ephemera) as (keyof Ephemera)[]) known[name] = { message: ephemera[name] };
const names = readdirSync(DIRECTORY).map((file) => basename(file, ".json"));

test("every message that this client knows has an example", () => {
  expect(names.toSorted()).toEqual(Object.keys(known).toSorted());
});

test.each(names)("%s goes over the wire unchanged", (name) => {
  const wire: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, DIRECTORY), "utf8"));
  const sent: unknown = JSON.parse(JSON.stringify(known[name]));
  expect(sent).toEqual(wire);
});

test.each(Object.entries(commands))("%s has a command_id exactly if it writes", (name, example) => {
  const payload: Command = example.payload;
  expect(payload.command_id !== undefined).toBe(WRITES.has(name));
});

/** The id of the entity that a step concerns; undefined where the event leaves the field null. */
function target(value: unknown): string | undefined {
  return typeof value === "string" ? value : (value as Entity | null)?.id;
}

test.each(Object.keys(events) as EventType[])("%s folds as its table says", (type) => {
  const steps = FOLDS[type] ?? [];
  const data = events[type].data as unknown as Record<string, unknown>;
  const before: Record<string, Record<string, object>> = { ...EMPTY_STATE };
  for (const { collection, field } of steps) {
    const id = target(data[field]);
    if (id !== undefined) before[collection] = { ...before[collection], [id]: { id, kept: true } };
  }
  const after: Record<string, Record<string, object>> = foldEvents(before as unknown as RoomState, [
    events[type],
  ]);
  for (const { step, collection, field } of steps) {
    const id = target(data[field]);
    if (id === undefined) continue;
    const changed = {
      put: data[field],
      patch: { id, kept: true, ...(data[field] as object) },
      drop: undefined,
    };
    expect(after[collection]?.[id]).toEqual(changed[step]);
  }
});
