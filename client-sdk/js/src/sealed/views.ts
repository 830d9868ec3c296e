/** How a sealed room and its members stand, put together for pages and programs. No key is in it. */

import * as cx1 from "../crypto/index.js";
import type { Mark, SealedDevice, SealedMember, SealedRequest, SealedRoomView } from "./api.js";
import type { RoomGround } from "./ground.js";
import { closed } from "./marks.js";
import { cx1Text, policyView, roleName } from "./names.js";
import type { Naming } from "./naming.js";
import type { SealedRoom } from "./room.js";

/** How a room stands; null before anything of it was applied. */
export function roomView(
  room: SealedRoom,
  members: readonly SealedMember[],
  requests: readonly SealedRequest[],
): SealedRoomView | null {
  const state = room.ledger.room;
  if (state === null) return null;
  const own = state.members.get(room.ground.keychain.fp ?? "");
  return {
    id: room.id,
    form: room.reading.form,
    roomRef: cx1.toText(state.ref),
    policy: policyView(state.policy),
    role: own === undefined ? null : roleName(own.role),
    members,
    epoch: state.epoch,
    leavePending: state.leavePending,
    marks: marksOf(room),
    changes: room.reading.changes,
    halted: room.halted,
    progress: room.progress,
    requests,
  };
}

/** What is not shown like the rest: of what waits for its key, whether that can come at all. */
function marksOf({ reading, secrets, ledger }: SealedRoom): readonly Mark[] {
  if (reading.waiting.size === 0) return reading.marks;
  const { first } = secrets;
  return reading.marks.map((mark) => {
    const epoch = reading.waiting.get(mark.seq) ?? first;
    return epoch < first ? closed(mark, ledger.ephemeral) : mark;
  });
}

/** The members of a room, in the order of their fps. */
export function memberViews(room: cx1.Room, ground: RoomGround, naming: Naming): readonly SealedMember[] {
  return [...room.members]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([fp, { role }]) => memberView(fp, role, ground, naming));
}

function memberView(fp: cx1.Hex, role: cx1.Role, ground: RoomGround, naming: Naming): SealedMember {
  const { directory, keychain } = ground;
  const newest = cx1.newestState(directory.history(fp));
  const owner = directory.histories.get(cx1.toHex(newest.ownerFp));
  const owned = owner !== undefined && cx1.isAgentOf(newest, cx1.newestState(owner));
  return {
    fp: cx1Text(fp),
    memberId: naming.idOf(fp),
    role: roleName(role),
    trust: fp === keychain.fp ? "verified" : directory.trustOf(fp),
    agent: newest.kind === cx1.Kind.agent,
    owner: owned ? (directory.about(cx1.toHex(newest.ownerFp))?.memberId ?? null) : null,
    devices: deviceViews(newest, ground),
  };
}

/** The devices of an identity, those that were put out included. */
export function deviceViews(chain: cx1.Chain, { keychain }: RoomGround): readonly SealedDevice[] {
  const own = keychain.fp === null ? null : keychain.author.deviceId;
  return [...chain.devices.values()].map(({ id, active }) => ({
    id: cx1.toText(id),
    active,
    own: own !== null && cx1.equal(own, id),
  }));
}
