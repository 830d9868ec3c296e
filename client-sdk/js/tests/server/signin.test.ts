/** Signing in, staying signed in and being signed out. */

import { expect, inject, test } from "vitest";

import {
  Client,
  memoryStorage,
  passwordSession,
  programToken,
  type RefreshTokenStore,
} from "../../src/index.js";
import { clientOf, connected, newMember, untilPhase } from "./people.js";
import { OWNER } from "./ymera.js";

/** A place for a refresh token that tests can look into. */
class Store implements RefreshTokenStore {
  token: string | null = null;

  load(): Promise<string | null> {
    return Promise.resolve(this.token);
  }

  save(token: string | null): Promise<void> {
    this.token = token;
    return Promise.resolve();
  }
}

test("email and password sign in", async () => {
  const client = clientOf("", { credentials: passwordSession(OWNER) });
  await client.connect();
  expect(client.me).toMatchObject({ name: "Ada", email: OWNER.email, role: "owner" });
  expect(client.workspace?.name).toBe("YMERA");
  await untilPhase(client, "live");
  expect(client.inbox?.phase).toBe("live");
  expect(client.workspaceRoom?.get("members", client.me?.id ?? "")?.name).toBe("Ada");
});

test("a wrong password signs out, and says so", async () => {
  const client = clientOf("", { credentials: passwordSession({ ...OWNER, password: "not this one" }) });
  await expect(client.connect()).rejects.toMatchObject({ code: "unauthenticated" });
  expect(client.status.get()).toMatchObject({ phase: "signed_out", error: { code: "unauthenticated" } });
});

test("a kept refresh token signs in without the password, and is replaced at each use", async () => {
  const { email, password } = await newMember(await connected());
  const store = new Store();
  const first = clientOf("", { credentials: passwordSession({ email, password }, store) });
  await first.connect();
  const token = store.token;
  expect(token).toMatch(/^ymr_/);
  await first.close();
  const second = clientOf("", { credentials: passwordSession({ email, password: "forgotten" }, store) });
  await second.connect();
  expect(second.me?.email).toBe(email);
  expect(store.token).toMatch(/^ymr_/);
  expect(store.token).not.toBe(token);
});

test("when the refresh token is no good any more, the password signs in again", async () => {
  const { email, password } = await newMember(await connected());
  const store = new Store();
  store.token = "ymr_nonsense";
  const client = clientOf("", { credentials: passwordSession({ email, password }, store) });
  await client.connect();
  expect(client.me?.email).toBe(email);
});

test("an unknown program's token is refused", async () => {
  const client = clientOf("ymt_unknown");
  await expect(client.connect()).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(client.call("workspace.get", {}, { wait: true })).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("a token that is revoked ends its connections for good", async () => {
  const { email, password } = await newMember(await connected());
  const person = clientOf("", { credentials: passwordSession({ email, password }) });
  const { secret, token } = await person.rest.createToken({ name: "robot", scope: "write" });
  const robot = await connected({ token: secret });
  const closing = new Promise((resolve) => robot.on("closing", resolve));
  expect(await person.rest.tokens()).toMatchObject(
    [{ name: "tests" }, { id: token.id, name: "robot" }].toReversed(),
  );
  await person.rest.revokeToken(token.id);
  expect(await closing).toMatchObject({ reason: "revoked", reconnect: false });
  await untilPhase(robot, "signed_out");
  await expect(robot.connect()).rejects.toMatchObject({ code: "unauthenticated" });
});

test("sign-ins are listed and ended", async () => {
  const { email, password } = await newMember(await connected());
  const here = clientOf("", { credentials: passwordSession({ email, password }) });
  const there = clientOf("", { credentials: passwordSession({ email, password }) });
  await here.connect();
  await there.connect();
  const others = (await here.rest.sessions()).filter((session) => !session.current);
  for (const { id } of others) await here.rest.revokeSession(id);
  await untilPhase(there, "signed_out");
  expect(await here.rest.sessions()).toMatchObject([{ current: true }]);
  expect((await here.rest.me()).me.email).toBe(email);
});

test("signing out ends the sign-in and forgets what was there", async () => {
  const { email, password } = await newMember(await connected());
  const store = new Store();
  const client = clientOf("", { credentials: passwordSession({ email, password }, store) });
  await client.connect();
  const old = store.token;
  const workspaceRoom = client.workspaceRoom;
  await workspaceRoom?.ready;
  await client.rest.logout();
  expect(client.status.get().phase).toBe("signed_out");
  expect(client.me).toBeNull();
  expect(store.token).toBeNull();
  expect(workspaceRoom?.state.members).toEqual({});
  await expect(client.call("workspace.get", {})).rejects.toMatchObject({ code: "unavailable" });
  store.token = old;
  const thief = clientOf("", { credentials: passwordSession({ email, password: "unknown" }, store) });
  await expect(thief.connect()).rejects.toMatchObject({ code: "unauthenticated" });
});

test("signing in by REST, then connecting", async () => {
  const { email, password } = await newMember(await connected());
  const client = clientOf("", {
    credentials: passwordSession({ email: "nobody@example.org", password: "x" }),
  });
  await expect(client.connect()).rejects.toMatchObject({ code: "unauthenticated" });
  await client.rest.login({ email, password });
  await client.connect();
  expect(client.me?.email).toBe(email);
});

test("a server says whether it waits for its first account", async () => {
  const client = clientOf("");
  expect(await client.rest.setup()).toEqual({ needs_setup: false, workspace: "YMERA" });
});

test("no server at the address: offline, queued, trying again, and closed at once", async () => {
  const client = new Client({
    url: "http://127.0.0.1:9",
    credentials: programToken("ymt_x"),
    storage: memoryStorage(),
  });
  const connecting = client.connect();
  await untilPhase(client, "offline");
  expect(client.status.get().error).toMatchObject({ code: "unavailable" });
  await expect(client.call("workspace.get", {})).rejects.toMatchObject({ code: "unavailable" });
  const command = client.call("project.create", { name: "Apollo" });
  expect(client.status.get().queued).toBe(1);
  const outcomes = Promise.allSettled([
    connecting,
    command,
    client.call("workspace.get", {}, { wait: true }),
  ]);
  await client.close();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(client.call("workspace.get", {})).rejects.toThrow("The client was closed.");
  await expect(client.connect()).rejects.toThrow("The client was closed.");
  expect(inject("url")).not.toBe("");
});
