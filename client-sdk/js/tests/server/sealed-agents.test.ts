/** Runs of agents in a sealed room on a real server: ordered, claimed once, reported, answered, done. */

import { randomUUID } from "node:crypto";

import { expect, test } from "vitest";

import type { Client, LiveRoom, RunInfo } from "../../src/index.js";
import { memoryKeys } from "../../src/node.js";
import { clientOf, connected, joined, newMember, until } from "./people.js";

async function withKeys(token: string): Promise<Client> {
  const client = clientOf(token, { keys: memoryKeys() });
  await client.connect();
  await client.sealed.settled();
  return client;
}

/** A person with a sealed project, and a client of their agent, which is in it. */
async function workshop(): Promise<{ ada: Client; agent: Client; agentId: string; project: string }> {
  const person = await newMember(await connected());
  const ada = await withKeys(person.token);
  await ada.sealed.begin();
  const input = { type: "object", properties: { title: {}, due: {} }, required: ["title"] };
  const capabilities = [
    { name: "dictate", input: { ...input, required: ["text"] } },
    { name: "land", input },
  ];
  const made = await ada.call("agent.register", { name: "Robbie", capabilities });
  const agent = await withKeys(made.token);
  await agent.sealed.beginAgent(person.id);
  const agentId = made.agent.id;
  await ada.sealed.endorseAgent(agentId);
  const members = [{ memberId: agentId, role: "member" as const }];
  const project = await ada.sealed.createRoom({ form: "project", name: "Apollo", members });
  return { ada, agent, agentId, project };
}

/** The room, once the client knows that it is in it. */
async function entered(client: Client, id: string): Promise<LiveRoom> {
  const { inbox } = client;
  if (inbox === null) throw new Error("the client is not connected");
  await until(inbox, () => inbox.get("memberships", id) !== undefined);
  return joined(client, id);
}

test("a run is claimed once, asks, and ends with its task", async () => {
  const { ada, agent, agentId, project } = await workshop();
  const [room, there] = [await entered(ada, project), await entered(agent, project)];
  const task = await ada.call("task.create", { project_id: project, id: randomUUID(), title: "Land" });
  const order = { project_id: project, agent_id: agentId, capability: "land", task_id: task.id };
  const { id: run_id } = await ada.call("run.create", { ...order, input: { speed: 1 } });
  await until(there, () => there.get("runs", run_id) !== undefined);

  const claim = { project_id: project, run_id, instance_id: randomUUID() };
  const offer = await agent.call("run.claim", claim);
  expect(offer).toMatchObject({ fence: 1, input: { speed: 1 }, task: { id: task.id, title: "Land" } });
  await expect(agent.call("run.claim", { ...claim, instance_id: randomUUID() })).rejects.toMatchObject({
    code: "conflict",
  });
  const about = { project_id: project, run_id, fence: 1 };
  expect(await agent.call("run.progress", { ...about, progress: 0.5, note: "half" })).toMatchObject({
    state: "working",
  });
  await agent.call("run.output", { ...about, text: "so far", offset: 0 });
  await until(room, () => room.get("runs", run_id)?.note === "half");
  expect(room.get("tasks", task.id)?.status).toBe("in_progress");

  const ask = { ...about, key: "where", prompt: "Where?", kind: "choice" as const, choices: ["sea", "land"] };
  const asked = await agent.call("run.ask", ask);
  await until(room, () => room.get("questions", asked.id) !== undefined);
  const answered = await ada.call("run.answer", { question_id: asked.id, answer: "sea" });
  expect(answered).toMatchObject({ state: "answered", answer: "sea" });
  await until(there, () => there.get("runs", run_id)?.state === "working");
  expect(await agent.call("run.ask", ask)).toMatchObject({ id: asked.id, answer: "sea" });

  await expect(agent.call("run.complete", { ...about, fence: 2 })).rejects.toMatchObject({ code: "fenced" });
  await agent.call("run.complete", { ...about, result: { at: "sea" }, summary: "wet" });
  await until(room, () => room.get("ended_runs", run_id) !== undefined);
  expect(room.get("tasks", task.id)?.status).toBe("done");
  expect(await ada.call("run.get", { run_id })).toMatchObject({
    run: { state: "completed", summary: "wet" },
    result: { at: "sea" },
    attempts: [{ fence: 1, outcome: "completed" }],
    questions: [{ id: asked.id, state: "answered" }],
  });
  const history = await ada.call("run.history", { run_id });
  expect(history.items.map(({ type }) => type)).toEqual([
    "run.created",
    "run.updated",
    "run.progressed",
    "run.outputted",
    "question.asked",
    "run.updated",
    "question.closed",
    "run.updated",
    "run.ended",
  ]);
  expect((await ada.call("run.list", { project_id: project })).items).toHaveLength(1);
});

test("an agent begins what it is assigned, with what the task says, and stops when it loses it", async () => {
  const { ada, agent, agentId, project } = await workshop();
  const [room, there] = [await entered(ada, project), await entered(agent, project)];
  const asked = { project_id: project, title: "Land", due: "2026-03-01", assignees: [agentId] };
  const task = await ada.call("task.create", asked);
  const runs = (): readonly RunInfo[] => Object.values(there.state.runs);
  await until(there, () => runs().length === 1);
  const [run] = runs();
  expect(run).toMatchObject({
    capability: "land",
    task_id: task.id,
    wanted_agent_id: agentId,
    title: "Land",
  });
  const run_id = run?.id ?? "";
  expect((await ada.call("run.get", { run_id })).input).toEqual({ title: "Land", due: "2026-03-01" });
  await ada.call("task.assign", { task_id: task.id, assignees: [] });
  await until(room, () => room.get("ended_runs", run_id)?.state === "canceled");
  await ada.call("task.assign", { task_id: task.id, assignees: [agentId] });
  await until(there, () => runs().length === 1 && runs()[0]?.id !== run_id);
});

test("nothing of a run is sent in plain", async () => {
  const { ada, agentId, project } = await workshop();
  const plain = await connected();
  const order = { project_id: project, agent_id: agentId, capability: "land" };
  await expect(plain.call("run.create", order)).rejects.toMatchObject({ code: "not_found" });
  const { id: run_id } = await ada.call("run.create", order);
  await expect(ada.call("queue.get", { project_id: project })).rejects.toMatchObject({ code: "e2ee_room" });
  expect(await ada.call("run.cancel", { run_id })).toMatchObject({ state: "canceled" });
});
