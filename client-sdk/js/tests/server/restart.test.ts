/** Servers and programs that are killed, tokens that run out, and machines that sleep. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { passwordSession } from "../../src/index.js";
import { clientOf, connected, joined, newProject, until, untilPhase } from "./people.js";
import { Program } from "./program.js";
import { setUpOwner } from "./shared.js";
import { OWNER, Ymera } from "./ymera.js";

let server: Ymera;
let token: string;

beforeAll(async () => {
  // The shortest life that the server lets tokens have.
  server = await Ymera.start({ YMERA_ACCESS_TOKEN_SECONDS: "10" });
  token = await setUpOwner(server);
});

afterAll(async () => {
  await server.discard();
});

/** A program that uses the package as a client of the server. */
function newProgram(source: string): Program {
  return new Program(`
    import { Client, passwordSession, programToken } from "@ymera/client";
    import { fileStorage } from "@ymera/client/node";
    import { createInterface } from "node:readline";
    const url = ${JSON.stringify(server.url)};
    ${source}`);
}

test("a server that is killed and started again: clients come back, with everything there", async () => {
  const client = await connected({ url: server.url, token });
  const project = await newProject(client);
  const room = await joined(client, project.id);
  const before = await client.call("task.create", { project_id: project.id, title: "Before" });
  await until(room, () => room.get("tasks", before.id) !== undefined);
  const during = ["a", "b", "c"].map((title) =>
    client.call("task.create", { project_id: project.id, title }),
  );
  await server.kill();
  await untilPhase(client, "offline");
  const after = client.call("task.create", { project_id: project.id, title: "d" });
  await server.run();
  const ids = (await Promise.all([...during, after])).map((task) => task.id);
  await until(room, () => ids.every((id) => room.get("tasks", id) !== undefined));
  await untilPhase(client, "live");
  const found: string[] = [];
  for await (const task of client.page("task.list", { project_id: project.id })) found.push(task.title);
  expect(found).toEqual(["Before", "a", "b", "c", "d"]);
});

test("a program killed at any moment has its commands carried out by the next run, each once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ymera-program-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const client = await connected({ url: server.url, token });
  const project = await newProject(client);
  const run = (first: number): Program =>
    newProgram(`
      const storage = fileStorage(${JSON.stringify(join(folder, "outbox"))});
      const client = new Client({ url, credentials: programToken(${JSON.stringify(token)}), storage });
      await client.connect();
      for (let n = ${first}; n < ${first + 60}; n += 1) {
        const title = "Task " + n;
        client.call("task.create", { project_id: ${JSON.stringify(project.id)}, title }).then(
          () => console.log(n), (error) => console.error(String(error)));
        if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20));
      }`);
  for (const [round, answers] of [0, 7, 23].entries()) {
    const program = run(round * 10_000);
    for (let n = 0; n < answers + 1; n += 1) await program.line();
    await program.end("SIGKILL");
  }
  const last = newProgram(`
    const storage = fileStorage(${JSON.stringify(join(folder, "outbox"))});
    const client = new Client({ url, credentials: programToken(${JSON.stringify(token)}), storage });
    client.status.subscribe(() => {
      const { phase, queued } = client.status.get();
      if (phase === "live" && queued === 0) console.log("done");
    });
    await client.connect();`);
  await last.line();
  const numbers: number[] = [];
  for await (const task of client.page("task.list", { project_id: project.id, limit: 200 })) {
    numbers.push(Number(task.title.slice(5)));
  }
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  for (const round of [0, 1, 2]) {
    const own = numbers.filter((n) => Math.floor(n / 10_000) === round);
    expect(own).toEqual(own.map((_, n) => round * 10_000 + n));
    expect(own.length).toBeGreaterThan(0);
  }
});

test("a connection outlives its tokens: they are renewed in band, before they run out", async () => {
  const person = clientOf("", { url: server.url, credentials: passwordSession(OWNER) });
  const phases: string[] = [];
  let renewals = 0;
  await person.connect();
  await untilPhase(person, "live");
  person.status.subscribe(() => phases.push(person.status.get().phase));
  const renewed = new Promise<void>((resolve) => {
    const request = globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      const answer = await request(...asked);
      const [address] = asked;
      if (typeof address === "string" && address.endsWith("/api/auth/refresh")) renewals += 1;
      if (renewals === 2) resolve();
      return answer;
    };
    onTestFinished(() => {
      globalThis.fetch = request;
    });
  });
  await renewed;
  await person.call("project.create", { name: "Apollo" });
  expect(new Set(phases)).toEqual(new Set(["live"]));
});

test("a machine that slept past its token's end wakes, renews it and goes on", async () => {
  const program = newProgram(`
    const client = new Client({ url, credentials: passwordSession(${JSON.stringify(OWNER)}) });
    await client.connect();
    console.log("connected");
    for await (const name of createInterface({ input: process.stdin })) {
      const project = await client.call("project.create", { name });
      console.log(project.name);
    }`);
  expect(await program.line()).toBe("connected");
  program.process.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  program.tell("Gemini");
  program.process.kill("SIGCONT");
  expect(await program.line()).toBe("Gemini");
});
