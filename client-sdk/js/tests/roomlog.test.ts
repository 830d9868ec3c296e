/** Whatever the network does to a room's events, the log ends where an undisturbed one would. */

import fc from "fast-check";
import { expect, test } from "vitest";

import { EMPTY_STATE, foldEvents } from "../src/fold.js";
import { MAX_EVENTS, type Joined, type LoggedEvent } from "../src/index.js";
import { RoomLog } from "../src/roomlog.js";
import { event } from "./events.js";

/** One step of a random log: a thing that happens to one of a few tasks or messages. */
const happening = fc.oneof(
  fc.record({ type: fc.constant("task.created"), id: fc.nat(8), title: fc.string() }),
  fc.record({ type: fc.constant("task.updated"), id: fc.nat(8), title: fc.string() }),
  fc.record({ type: fc.constant("task.blocked"), id: fc.nat(8), blocked: fc.boolean() }),
  fc.record({ type: fc.constant("task.deleted"), id: fc.nat(8) }),
  fc.record({ type: fc.constant("message.sent"), id: fc.nat(400) }),
  fc.record({ type: fc.constant("unheard.of"), id: fc.nat(8) }),
);

function toEvent({ type, id, ...fields }: { type: string; id: number }, index: number): LoggedEvent {
  const seq = index + 1;
  const entity = { id: `e${id}`, seq, ...fields };
  return event(seq, type, { task: entity, message: entity, thread: null, task_id: entity.id });
}

const log = fc.array(happening, { maxLength: 150 }).map((all) => all.map(toEvent));

/** A server that has the whole log and answers what the client asks for. */
class Server {
  readonly events: readonly LoggedEvent[];
  readonly generation: string;

  constructor(events: readonly LoggedEvent[], generation = "g1") {
    this.events = events;
    this.generation = generation;
  }

  join(log: RoomLog): LoggedEvent[] {
    const at = log.position;
    const known = at !== null && at.generation === this.generation && at.after_seq <= this.events.length;
    const reply: Joined = {
      room: "apollo",
      kind: "project",
      role: "editor",
      head: this.events.length,
      generation: this.generation,
      ...(known && this.events.length - at.after_seq <= MAX_EVENTS
        ? { events: this.events.slice(at.after_seq) }
        : { reset: this.snapshot() }),
    };
    return log.join(reply);
  }

  range(after: number): LoggedEvent[] {
    return this.events.slice(after, after + MAX_EVENTS);
  }

  snapshot(): NonNullable<Joined["reset"]> {
    const state = foldEvents(EMPTY_STATE, this.events);
    return Object.fromEntries(
      Object.entries(state).map(([name, table]) => [
        name,
        Object.values<object>(table).map((entity) => ({ ...entity })),
      ]),
    );
  }

  /** Answers questions until there are none. */
  repair(log: RoomLog): LoggedEvent[] {
    const applied: LoggedEvent[] = [];
    log.see(this.events.length);
    for (let gap; (gap = log.gap) !== null;) {
      applied.push(...(gap === "rejoin" ? this.join(log) : log.receive(this.range(log.cursor))));
    }
    return applied;
  }
}

/** Deliveries of a log's events: some never, some twice, in any order, in batches of any size. */
const disturbed = (events: readonly LoggedEvent[]): fc.Arbitrary<LoggedEvent[][]> =>
  fc.array(fc.array(fc.constantFrom(...events), { maxLength: 8 }), { maxLength: 60 });

test("dropped, repeated and reordered events end in the same state, each applied once and in order", () => {
  const runs = log.filter((all) => all.length > 0).chain((all) => fc.tuple(fc.constant(all), disturbed(all)));
  fc.assert(
    fc.property(runs, fc.nat(), ([all, batches], joinedAt) => {
      const client = new RoomLog();
      const server = new Server(all);
      new Server(all.slice(0, joinedAt % (all.length + 1))).join(client);
      const start = client.cursor;
      const applied = batches.flatMap((batch) => client.receive(batch));
      applied.push(...server.repair(client));
      expect(client.state).toEqual(foldEvents(EMPTY_STATE, all));
      expect(client.cursor).toBe(all.length);
      expect(applied.map((each) => each.seq)).toEqual(all.slice(start).map((each) => each.seq));
    }),
  );
});

test("connections that end at any point lose nothing", () => {
  const runs = log.filter((all) => all.length > 0).chain((all) => fc.tuple(fc.constant(all), disturbed(all)));
  fc.assert(
    fc.property(runs, fc.array(fc.nat()), ([all, batches], cuts) => {
      const client = new RoomLog();
      for (const [index, batch] of batches.entries()) {
        if (index % 3 === 0) {
          client.disconnect();
          new Server(all.slice(0, Math.max(client.cursor, (cuts[index] ?? 0) % (all.length + 1)))).join(
            client,
          );
        }
        client.receive(batch);
        expect(client.state).toEqual(foldEvents(EMPTY_STATE, all.slice(0, client.cursor)));
      }
      new Server(all).repair(client);
      expect(client.state).toEqual(foldEvents(EMPTY_STATE, all));
    }),
  );
});

test("a restored database, whose log is another, replaces the state", () => {
  fc.assert(
    fc.property(log, log, (before, after) => {
      const client = new RoomLog();
      new Server(before).join(client);
      const restored = new Server(after, "g2");
      client.disconnect();
      restored.join(client);
      expect(client.state).toEqual(foldEvents(EMPTY_STATE, after));
      expect(client.position).toEqual({ after_seq: after.length, generation: "g2" });
      expect(client.gap).toBeNull();
    }),
  );
});

test("what waited for its turn in a log is not taken for an event of the log that replaced it", () => {
  const client = new RoomLog();
  new Server([event(1, "unheard.of", {})]).join(client);
  client.receive([event(3, "task.created", { task: { id: "of the old log" } })]);
  client.disconnect();
  new Server([event(1, "unheard.of", {}), event(2, "unheard.of", {})], "g2").join(client);
  expect(client.cursor).toBe(2);
  expect(client.state).toEqual(EMPTY_STATE);
});

test("an answer of another log without its state is refused, and everything asked for anew", () => {
  const client = new RoomLog();
  new Server([event(1, "task.created", { task: { id: "t1" } })]).join(client);
  client.join({ room: "apollo", kind: "project", role: "editor", head: 5, generation: "g2", events: [] });
  expect(client.position).toBeNull();
  expect(client.state).toEqual(EMPTY_STATE);
  expect(client.gap).toBe("rejoin");
});

test("before the first join events only wait", () => {
  const client = new RoomLog();
  expect(client.receive([event(2, "task.created", { task: { id: "t2" } })])).toEqual([]);
  const applied = client.join({
    room: "apollo",
    kind: "project",
    role: "editor",
    head: 1,
    generation: "g1",
    reset: { tasks: [{ id: "t1" }] },
  });
  expect(applied.map((each) => each.seq)).toEqual([2]);
  expect(Object.keys(client.state.tasks)).toEqual(["t1", "t2"]);
});

test("far behind, it asks to join again and not for a thousand events more than an answer holds", () => {
  const client = new RoomLog();
  new Server([]).join(client);
  client.see(MAX_EVENTS);
  expect(client.gap).toBe("events");
  client.see(MAX_EVENTS + 1);
  expect(client.gap).toBe("rejoin");
});

test("early events are kept up to a bound, and what did not fit is asked for", () => {
  const client = new RoomLog();
  const all = Array.from({ length: 3 * MAX_EVENTS }, (_, n) => event(n + 1, "unheard.of", {}));
  new Server([]).join(client);
  expect(client.receive(all.slice(1))).toEqual([]);
  expect(client.receive(all.slice(0, 1))).toHaveLength(1 + MAX_EVENTS);
  new Server(all).repair(client);
  expect(client.cursor).toBe(all.length);
});
