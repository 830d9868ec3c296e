/** One server for the tests that need no server of their own, started before them. */

import type { TestProject } from "vitest/node";

import { Client, memoryStorage, passwordSession } from "../../src/index.js";
import { OWNER, Ymera } from "./ymera.js";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** A program's token of the owner. */
    ownerToken: string;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await Ymera.start();
  try {
    project.provide("url", server.url);
    project.provide("ownerToken", await setUpOwner(server));
  } catch (error) {
    await server.discard();
    throw error;
  }
  return () => server.discard();
}

/** Makes the first account. Returns a program's token of it. */
export async function setUpOwner(server: Ymera): Promise<string> {
  const client = new Client({
    url: server.url,
    credentials: passwordSession(OWNER),
    storage: memoryStorage(),
  });
  await client.rest.register({ ...OWNER, invite: server.secret });
  const { secret } = await client.rest.createToken({ name: "tests", scope: "admin" });
  await client.close();
  return secret;
}
