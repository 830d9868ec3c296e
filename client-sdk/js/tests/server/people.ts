/** Members and clients for tests, and ways to wait for what they see. */

import { v7 as uuidv7 } from "uuid";
import { inject, onTestFinished } from "vitest";

import {
  Client,
  memoryStorage,
  programToken,
  type ClientOptions,
  type LiveRoom,
  type Phase,
  type Project,
  type WorkspaceRole,
} from "../../src/index.js";

/** A client with a program's token, not yet connected; closed when the test ends. */
export function clientOf(token: string, options: Partial<ClientOptions> = {}): Client {
  const credentials = programToken(token);
  const client = new Client({ url: inject("url"), credentials, storage: memoryStorage(), ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A connected client of the owner of the shared server, or of another token or server. */
export async function connected(options: Partial<ClientOptions> & { token?: string } = {}): Promise<Client> {
  const { token = inject("ownerToken"), ...rest } = options;
  const client = clientOf(token, rest);
  await client.connect();
  return client;
}

/** A new member, made with an invitation of `by`. */
export async function newMember(
  by: Client,
  url = inject("url"),
  role: WorkspaceRole = "member",
): Promise<{ id: string; token: string; email: string; password: string }> {
  const { secret: invite } = await by.call("invitation.create", { role });
  const account = { email: `${uuidv7()}@example.org`, password: "a password of some length" };
  const client = new Client({ url, credentials: programToken("none"), storage: memoryStorage() });
  const { me } = await client.rest.register({ ...account, name: "Grace", invite });
  const { secret: token } = await client.rest.createToken({ name: "tests", scope: "admin" });
  await client.close();
  return { id: me.id, token, ...account };
}

export async function newProject(client: Client, name = "Apollo"): Promise<Project> {
  return client.call("project.create", { name });
}

/** A room in use, with its state. */
export async function joined(client: Client, id: string): Promise<LiveRoom> {
  const room = client.room(id);
  await room.ready;
  return room;
}

/** Resolves when `condition` holds, which is looked at after each change of what is subscribed to. */
export function until(
  source: { subscribe: (listener: () => void) => () => void },
  condition: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return;
      stop();
      resolve();
    };
    const stop = source.subscribe(look);
    look();
  });
}

export function untilPhase(client: Client, phase: Phase): Promise<void> {
  return until(client.status, () => client.status.get().phase === phase);
}
