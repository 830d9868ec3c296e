/** Answers to an invitation's link, some of which are nobody's. */

import { expect, test } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { localError } from "../../src/errors.js";
import { MemoryStore } from "../../src/sealed/store.js";
import { Script, started } from "./script.js";

test("an answer that comes to nothing keeps nobody else out", async () => {
  const script = new Script();
  const { engine, told } = await started(script, new MemoryStore());
  await engine.identity.begin();
  const room = await engine.membership.create({ form: "conversation", name: "Plans" });
  await engine.commands.open(room);
  await told.until("view", ({ view }) => view.progress.applied > 0);
  const [, id = "", fragment = ""] =
    /[/]i[/]([^#]+)#(.+)$/.exec(await engine.membership.invite(room, {})) ?? [];
  const bo = await started(script, new MemoryStore(), "bo");
  await bo.engine.identity.begin();
  const { me } = await bo.told.until("status", ({ state }) => state === "ready");

  const answer = (member_id: string, fp: string): (typeof script.requests)[number] => {
    const proof = cx1.toText(cx1.joinProof(cx1.parseFragment(fragment), cx1.fromText(fp)));
    return { id: member_id, invite_id: id, member_id, fp, proof, at: "2026-01-01T00:00:00Z" };
  };
  const nobody = cx1.toText(new Uint8Array(32).fill(7));
  script.requests = [answer("eve", nobody), answer("bo", me?.fp ?? "")];
  script.before = (name, payload) => {
    if (name === "identity.chain" && payload["fp"] === nobody)
      throw localError("not_found", "Nobody is that.");
  };
  const [request] = script.requests;
  if (request !== undefined) await engine.session.ephemeral("sealed_invite.answered", { room, request });
  const { view } = await told.until("view", (each) => each.view.requests.length > 0);
  expect(view.requests.map(({ memberId }) => memberId)).toEqual(["eve"]);
  expect(view.members.map(({ memberId }) => memberId).sort()).toEqual(["ada", "bo"]);
  await engine.session.stop();
  await bo.engine.session.stop();
});
