/** Making a sealed room: its genesis, and the commit that makes epoch 1 and lets the first others in. */

import * as cx1 from "../crypto/index.js";
import type { SealedCreate } from "../generated/protocol.js";
import type { NewSealedRoom } from "./api.js";
import { newEpoch } from "./governing.js";
import type { RoomGround } from "./ground.js";
import { policyWith, roleNumber } from "./names.js";

/** What the server is to be asked for. Throws `not_found` if one of the members has no identity. */
export async function found(ground: RoomGround, id: string, room: NewSealedRoom): Promise<SealedCreate> {
  const { directory, keychain, now } = ground;
  const { author, fp } = keychain;
  const members = room.members ?? [];
  const fps = await directory.refresh([ground.account, ...members.map(({ memberId }) => memberId)]);
  const additions: cx1.Op[] = [];
  for (const { memberId, role } of members) {
    const theirs = fps.get(memberId) ?? (await directory.find(memberId));
    const { pin } = cx1.newestState(directory.history(theirs));
    additions.push({ op: "add", fp: cx1.fromHex(theirs), role: roleNumber(role), pin });
  }
  const { history, whoAdd, retention } = room;
  const wishes = { ...(history && { history }), ...(whoAdd && { whoAdd }), ...(retention && { retention }) };
  const policy = policyWith(cx1.DEFAULT_POLICY, wishes);
  const { pin } = cx1.newestState(directory.history(fp ?? ""));
  const genesis = cx1.writeFirst(author, pin, policy, BigInt(now()), directory.histories);
  const timeline = cx1.beginTimeline(genesis, directory.histories);
  const ops: readonly cx1.Op[] = additions.length > 0 ? additions : [{ op: "rotate" }];
  const occasion = { seen: cx1.seenAt(timeline), ms: BigInt(now()), fresh: newEpoch() };
  const { raw, boxes } = cx1.writeNext(timeline.room, author, ops, directory.histories, occasion);
  const commits = { genesis: cx1.toText(genesis), commit: cx1.toText(raw) };
  return { id, form: room.form, ...commits, boxes: boxes.map(cx1.toText) };
}
