import { randomUUID } from "node:crypto";

import { expect, onTestFinished, test } from "vitest";

import type { Client, LiveRoom } from "../../src/index.js";
import { memoryKeys } from "../../src/node.js";
import type { Keys } from "../../src/sealed/keys.js";
import { clientOf, connected, joined, newMember, until } from "./people.js";

/** A connected client of a member with keys of its own. */
async function withKeys(token: string, keys: Keys = memoryKeys()): Promise<Client> {
  const client = clientOf(token, { keys });
  client.on("fault", (error) => {
    console.error(error);
  });
  await client.connect();
  await until(client.sealed.status, () => client.sealed.status.get().state !== "starting");
  return client;
}

async function twoPeople(): Promise<readonly [Client, Client]> {
  const owner = await connected();
  const [one, other] = [await newMember(owner), await newMember(owner)];
  const clients = [await withKeys(one.token), await withKeys(other.token)] as const;
  for (const client of clients) await client.sealed.begin();
  return clients;
}

function texts(room: LiveRoom): readonly string[] {
  return Object.values(room.state.messages)
    .sort((one, other) => one.seq - other.seq)
    .map((message) => message.text);
}

test("what one says in a sealed room the other reads", async () => {
  const [ada, grace] = await twoPeople();
  const members = [{ memberId: grace.me?.id ?? "", role: "member" as const }];
  const id = await ada.sealed.createRoom({
    form: "conversation",
    name: "Secrets",
    members,
    history: "shared",
  });
  const here = await joined(ada, id);
  await until(grace.inbox ?? here, () => grace.inbox?.get("memberships", id) !== undefined);
  const there = await joined(grace, id);
  const sent = await ada.call("message.send", { room: id, id: randomUUID(), text: "Hello" });
  expect(sent.text).toBe("Hello");
  await until(there, () => texts(there).length === 1);
  await grace.call("message.send", { room: id, id: randomUUID(), text: "Hello yourself" });
  await until(here, () => texts(here).length === 2);
  expect(texts(here)).toEqual(["Hello", "Hello yourself"]);
  await until(there, () => there.get("rooms", id)?.name === "Secrets");
  expect(there.state).toEqual(here.state);
  onTestFinished(() => undefined);
});
