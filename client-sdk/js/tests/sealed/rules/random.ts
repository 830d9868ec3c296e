/** Scripts at random: some people who say whatever comes to their mind about some messages and tasks. */

import fc from "fast-check";

import { timestamp, type Plain } from "../../../src/sealed/rules/index.js";
import { uid, type Known, type Script, type Step } from "./playing.js";

const ROOM = uid(1);
const PEOPLE = [10, 11, 12, 13].map(uid);
/** Those of them that are agents, of whom the first does most. */
const AGENTS = PEOPLE.slice(2);
const WORKER = uid(12);
/** What they have declared, where a client asks. */
const ABLE = {
  [WORKER]: [{ name: "read" }, { name: "sum", input: { properties: { title: {} } } }],
  [uid(13)]: [
    { name: "write", input: { required: ["text"] } },
    { name: "sum", input: { required: ["title"], properties: { title: {}, due: {} } } },
  ],
};
const ROLES = [
  "owner",
  "admin",
  "member",
  "admin",
  "owner",
  "member",
  "member",
  "admin",
  "owner",
  "reader",
] as const;
const STATUSES = ["backlog", "todo", "in_progress", "in_review", "done", "canceled"];
const NASTY = [
  ...[
    null,
    true,
    false,
    0,
    -0,
    -1,
    0.5,
    1e300,
    2 ** 53,
    "",
    " ",
    "\n",
    "x\ud800",
    "🚀".repeat(101),
    "__proto__",
  ],
  ...[
    [],
    [null],
    [[]],
    {},
    { a: 1 },
    "2026-02-30",
    "a0\n",
    "a00",
    "A" + "0".repeat(26),
    uid(1).toUpperCase(),
  ],
];

type Asked = readonly [type: string, data: Plain];

const task = fc.integer({ min: 0x300, max: 0x306 }).map(uid);
const message = fc.integer({ min: 0x100, max: 0x105 }).map(uid);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });
const person = fc.constantFrom(...PEOPLE, ...PEOPLE, uid(14));
const status = fc.constantFrom(...STATUSES);
const version = fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 });
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.tuple(fc.string({ maxLength: 5 }), person).map(([name, id]) => `@[${name}](${id})`),
);
const label = fc.constantFrom("a", "A", "b", "é", "É", "🚀");
const labels = fc.array(label, { maxLength: 4 });
const assignees = fc.array(person, { maxLength: 3 });
const number = fc.constantFrom(null, 0, 1, 1.5, 100_000, 100_001);
const day = fc.constantFrom(null, "2026-01-31", "2024-02-29", "2026-02-29");
const external = fc.integer({ min: 0, max: 4 }).map(String);
const rank = fc.constantFrom("a0", "a1", "Zz", "a0V", "a1", "b00", "a0");

const item = fc.record(
  {
    external_id: external,
    title: text,
    status,
    labels,
    estimate: number,
    due: day,
    assignees,
    parent: maybe(external),
    depends_on: fc.array(external, { maxLength: 3 }),
  },
  { requiredKeys: ["external_id", "title"] },
);

/** Payloads by type, as an author may ask for them. */
const PAYLOADS: Readonly<Record<string, fc.Arbitrary<Plain>>> = {
  "message.send": fc.record({
    room: fc.constant(ROOM),
    text,
    id: maybe(message),
    thread_id: maybe(message),
  }),
  "message.edit": fc.record({ message_id: message, text, version }),
  "message.delete": fc.record({ message_id: message }),
  "message.react": fc.record({
    message_id: message,
    emoji: fc.constantFrom("👍", "1", "__proto__", "x"),
    on: fc.boolean(),
  }),
  "task.create": fc.record(
    {
      project_id: fc.constant(ROOM),
      title: text,
      id: maybe(task),
      status,
      labels,
      assignees,
      estimate: number,
      due: day,
      parent_id: maybe(task),
      external_id: maybe(external),
      before: maybe(task),
      after: maybe(task),
    },
    { requiredKeys: ["project_id", "title"] },
  ),
  "task.update": fc.record(
    {
      task_id: task,
      version: fc.integer({ min: 1, max: 6 }),
      title: text,
      status,
      labels,
      parent_id: maybe(task),
    },
    { requiredKeys: ["task_id", "version"] },
  ),
  "task.move": fc.record({
    task_id: task,
    before: maybe(task),
    after: maybe(task),
    status: maybe(status),
    version,
  }),
  "task.transition": fc.record({ task_id: task, status, version }),
  "task.assign": fc.record({ task_id: task, assignees, version }),
  "task.depend": fc.record({ task_id: task, on: fc.oneof(task, fc.array(task, { maxLength: 4 })) }),
  "task.undepend": fc.record({ task_id: task, on: fc.oneof(task, fc.array(task, { maxLength: 4 })) }),
  "task.comment": fc.record({ task_id: task, text, id: maybe(message) }),
  "task.delete": fc.record({ task_id: task, version }),
  "task.import": fc.record({ project_id: fc.constant(ROOM), tasks: fc.array(item, { maxLength: 6 }) }),
  "project.update": fc.record({ project_id: fc.constant(ROOM), name: text, version }),
  "project.transition": fc.record({
    project_id: fc.constant(ROOM),
    state: fc.constantFrom("active", "active", "active", "on_hold", "archived", "completed"),
  }),
};

/** Runs that are ordered by name, and those that an author's client has named in one of the first steps. */
const run = fc.oneof(
  fc.constantFrom(uid(0x500), uid(0x501)),
  fc.integer({ min: 4, max: 16 }).map((seq) => uid(0x10000 * seq)),
);
const capability = fc.constantFrom("read", "write", "sum", "fly");
const agent = fc.constantFrom(WORKER, WORKER, WORKER, uid(13), uid(10));
const about = { project_id: fc.constant(ROOM), run_id: run, fence: fc.constantFrom(1, 1, 1, 2) };
const process = fc.constantFrom(uid(0x600), uid(0x600), uid(0x601));

/** Payloads about the work of agents. */
const WORK: Readonly<Record<string, fc.Arbitrary<Plain>>> = {
  "run.create": fc.record({
    project_id: fc.constant(ROOM),
    id: fc.integer({ min: 0x502, max: 0x504 }).map(uid),
    task_id: maybe(task),
    agent_id: maybe(agent),
    capability,
  }),
  "run.cancel": fc.record({ run_id: run }),
  "run.retry": fc.record({ run_id: run }),
  "run.claim": fc.record({ project_id: fc.constant(ROOM), run_id: run, instance_id: process }),
  "run.complete": fc.record({ ...about, result: fc.constantFrom(null, 1, "x") }),
  "run.fail": fc.record({ ...about, message: text, cause: fc.constantFrom("fatal", "transient", "crashed") }),
  "run.release": fc.record(about),
  "run.ask": fc.record({ ...about, key: fc.constantFrom("a", "b"), prompt: fc.constant("Which?") }),
  "run.call": fc.record({
    ...about,
    key: fc.constantFrom("a", "b", "c"),
    capability,
    agent_id: maybe(agent),
    wait: fc.boolean(),
  }),
  "run.hand_off": fc.record({ ...about, capability, agent_id: maybe(agent), note: text }),
};
const WEIGHTS: Readonly<Record<string, number>> = { "run.claim": 8, "run.call": 8 };
const work = fc.oneof(
  ...Object.entries(WORK).map(([type, data]) => ({
    weight: WEIGHTS[type] ?? 1,
    arbitrary: data.map((given): Asked => [type, given]),
  })),
);

const command = fc.oneof(
  ...Object.entries(PAYLOADS).map(([type, data]) => ({
    weight: type.startsWith("project") ? 1 : 8,
    arbitrary: data.map((given): Asked => [type, given]),
  })),
);
/** Some field is something else. */
const spoiled = fc
  .tuple(command, fc.nat(), fc.oneof(fc.constantFrom(...NASTY), fc.jsonValue({ maxDepth: 2 })))
  .map(([[type, data], place, value]): Asked => {
    const names = [...Object.keys(data), "labels", "unknown"];
    return [type, { ...data, [names[place % names.length] ?? ""]: value }];
  });
/** A task whose place nobody has looked at. */
const blind = fc.record({ task, rank, title: text }).map(({ task: id, rank, title }): Step["command"] => ({
  type: "task.create",
  data: { project_id: ROOM, id, title, rank },
}));

const step = fc.oneof(
  {
    weight: 16,
    arbitrary: command.map(([type, data]) => ({ run: "ask" as const, command: { type, data }, able: ABLE })),
  },
  { weight: 3, arbitrary: spoiled.map(([type, data]) => ({ run: "ask" as const, command: { type, data } })) },
  { weight: 2, arbitrary: spoiled.map(([type, data]) => ({ run: "say" as const, command: { type, data } })) },
  { weight: 3, arbitrary: blind.map((made) => ({ run: "say" as const, command: made })) },
  { weight: 1, arbitrary: message.map((entity) => ({ run: "stub" as const, entity })) },
  { weight: 1, arbitrary: person.map((member) => ({ run: "part" as const, member })) },
);

/** What there is before anybody says anything at random. */
const FIRST: readonly Step["command"][] = [
  ...[0, 1, 2, 3, 4, 5].map((place) => ({
    type: "task.create",
    data: { project_id: ROOM, id: uid(0x300 + place), title: `task ${place}`, external_id: String(place) },
  })),
  ...[0, 1, 2, 3].map((place) => ({
    type: "message.send",
    data: { room: ROOM, id: uid(0x100 + place), text: `message ${place}` },
  })),
];

/** Two runs, which are begun. */
const BEGUN: readonly Step["command"][] = [0x500, 0x501].flatMap((number) => {
  const [project_id, id] = [ROOM, uid(number)];
  return [
    { type: "run.create", data: { project_id, id, agent_id: WORKER, capability: "read" } },
    { type: "run.claim", data: { project_id, run_id: id, instance_id: uid(0x600) } },
  ];
});

const role = fc.constantFrom(...ROLES);
const talking = fc.record({ step, sender: fc.constantFrom(...PEOPLE), role });
const working = fc.record({
  step: fc.oneof(
    {
      weight: 30,
      arbitrary: work.map(([type, data]) => ({ run: "ask" as const, command: { type, data }, able: ABLE })),
    },
    { weight: 1, arbitrary: fc.constant({ run: "part" as const, member: uid(13) }) },
  ),
  sender: fc.constantFrom(WORKER, WORKER, WORKER, uid(13), uid(10)),
  role: fc.constant("member" as const),
});

/** Whole scripts, in which each step is about what those before have left: of people's talk, or of agents' work. */
export const script: fc.Arbitrary<Script> = fc.oneof(
  scripts(talking, FIRST, uid(10)),
  scripts(working, BEGUN, WORKER),
);

type Said = typeof talking | typeof working;

function scripts(said: Said, first: readonly Step["command"][], sender: string): fc.Arbitrary<Script> {
  const bounds = { minLength: 20, maxLength: 60, size: "max" } as const;
  return fc.array<{ step: object; sender: string; role: Known["role"] }>(said, bounds).map((steps) => ({
    name: "at random",
    contents: { participants: PEOPLE.map(participant) },
    steps: [
      ...first.map((made, place) => ({ run: "ask", about: known(sender, "owner", place), command: made })),
      ...steps.map(({ step, sender, role }, place) => {
        const about = known(sender, role, first.length + place);
        return { ...step, about: { ...about, entity: named(step) } };
      }),
    ] as Step[],
  }));
}

function participant(id: string): Plain & { readonly id: string } {
  return { id, kind: AGENTS.includes(id) ? "agent" : "person", role: "editor" };
}

/** What the header of a step names: whoever says things blindly names what they make. */
function named(step: object): string | null {
  const { entity, command } = step as { readonly entity?: string; readonly command?: Step["command"] };
  const id = entity ?? command?.data["id"];
  return typeof id === "string" ? id : null;
}

function known(sender: string, role: Known["role"], seq: number): Known {
  const at = timestamp(1_767_225_600_000 + seq * 60_000);
  return {
    sender,
    role,
    seq,
    at,
    room: ROOM,
    form: "project",
    entity: null,
    base_version: 0,
    newcomer: false,
  };
}
