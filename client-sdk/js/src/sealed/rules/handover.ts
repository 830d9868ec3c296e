/**
 * What newcomers to a room that keeps its past to itself are given: what is in force, published again.
 *
 * It puts what they do not have, and changes nothing. Who was there before has it all and takes nothing from it, so
 * nobody can slip anything in; newcomers trust in it who added them, which their client says by `newcomer`.
 */

import { MAX_TASKS } from "../../generated/protocol.js";
import type { About, Contents, Fact, Plain } from "./about.js";
import { byId } from "./about.js";
import { invalid, limitExceeded } from "./refusals.js";
import { rule } from "./rule.js";
import { checkedRank } from "./tasks.js";

/** By collection: the event that puts an entity, its field for that, and the entity's with the room's id. */
const HOMES = {
  rooms: { type: "room.created", field: "room", home: "id" },
  projects: { type: "project.created", field: "project", home: "id" },
  tasks: { type: "task.created", field: "task", home: "project_id" },
  runs: { type: "run.created", field: "run", home: "project_id" },
  questions: { type: "question.asked", field: "question", home: "project_id" },
  closed_questions: { type: "question.closed", field: "question", home: "project_id" },
} as const;
type Name = keyof typeof HOMES;
const NAMES = Object.keys(HOMES) as readonly Name[];
/** JSON of entities in one command, in UTF-8. The rest of an envelope's 256 KiB is for what wraps them. */
const MOST_BYTES = 150_000;

type Item = Plain & { readonly id: string };
type Entities = Readonly<Record<Name, readonly Item[]>>;

/** Puts the entities that a newcomer does not have. */
function takeOver(contents: Contents, about: About, data: { readonly entities: Entities }): readonly Fact[] {
  for (const name of NAMES) {
    for (const [index, entity] of data.entities[name].entries()) {
      checkEntity(about, name, entity, `entities.${name}[${index}]`);
    }
  }
  if (!about.newcomer) return [];
  if (contents.count("tasks") + data.entities.tasks.length > MAX_TASKS) {
    throw limitExceeded("tasks in a project", MAX_TASKS);
  }
  return NAMES.flatMap((name) => missing(contents, name, data.entities[name]));
}

function checkEntity(about: About, name: Name, entity: Item, path: string): void {
  const { home } = HOMES[name];
  if (entity[home] !== about.room) throw invalid(`${path}.${home}`, "must be the id of this room.");
  if (typeof entity["rank"] === "string") checkedRank(entity["rank"], `${path}.rank`);
}

function missing(contents: Contents, name: Name, entities: readonly Item[]): readonly Fact[] {
  const { type, field } = HOMES[name];
  const found = new Set<string>();
  return entities.flatMap((entity) => {
    if (found.has(entity.id) || contents.get(name, entity.id) !== undefined) return [];
    found.add(entity.id);
    const named = name === "closed_questions" ? { question_id: entity.id } : {};
    return [{ type, data: { [field]: entity, ...named } }];
  });
}

/** What to publish for newcomers: commands of type `sealed.state`, each small enough for one envelope. */
export function handedOver(contents: Contents): readonly { readonly type: string; readonly data: Plain }[] {
  const pieces: Record<Name, Item[]>[] = [];
  let size = MOST_BYTES;
  for (const name of NAMES) {
    for (const entity of [...inForce(contents, name)].sort(byId)) {
      const more = new TextEncoder().encode(JSON.stringify(entity)).length;
      if (size + more > MOST_BYTES) {
        pieces.push({
          rooms: [],
          projects: [],
          tasks: [],
          runs: [],
          questions: [],
          closed_questions: [],
        });
        size = 0;
      }
      pieces.at(-1)?.[name].push(entity);
      size += more;
    }
  }
  return pieces.map((entities) => ({ type: "sealed.state", data: { entities } }));
}

/** What still matters: of what was answered, what a run that goes on may ask once more. */
function inForce(contents: Contents, name: Name): readonly Item[] {
  const found = [...contents.all(name)] as Item[];
  if (name !== "closed_questions") return found;
  return found.filter((each) => contents.get("runs", String(each["run_id"])) !== undefined);
}

export const RULES = { "sealed.state": rule<{ readonly entities: Entities }>({ apply: takeOver }) };
