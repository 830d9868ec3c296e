/** Deeds that must be refused, of what takes too many bytes or devices to write down, or of a sender's states. */

import * as cx1 from "../../src/crypto/index.js";
import { Person, Stage } from "./cast.js";

export interface Limit {
  readonly name: string;
  readonly fault: cx1.Fault;
  readonly deed: () => unknown;
}

const EPHEMERAL = { ...cx1.DEFAULT_POLICY, retention: cx1.Retention.ephemeral, rotateSecs: 86_400 };

function talk(policy: cx1.Policy = cx1.DEFAULT_POLICY): {
  readonly ann: Person;
  readonly bob: Person;
  readonly stage: Stage;
} {
  const [ann, bob] = [new Person("ann"), new Person("bob")];
  const stage = new Stage(ann, [bob], policy);
  stage.say(ann, "hello");
  return { ann, bob, stage };
}

/** A chain with so many devices, which nobody could make within a test. */
function crowd(person: Person, count: number): cx1.History {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const devices = numbers.map((number) => {
    const id = cx1.concat(new Uint8Array(12), cx1.u32(number));
    return [cx1.toHex(id), { id, edPk: cx1.ZERO, xPk: cx1.ZERO, version: 0, active: true }] as const;
  });
  return [{ ...person.history[0], devices: new Map(devices) }];
}

export const LIMITS: readonly Limit[] = [
  {
    name: "a chain of too many links",
    fault: "too_large",
    deed() {
      const { history } = new Person("ann");
      const long: cx1.History = [history[0], ...new Array<cx1.Chain>(cx1.MAX_LINKS - 1).fill(history[0])];
      cx1.extendChain(long, [new Uint8Array()]);
    },
  },
  {
    name: "too many devices",
    fault: "too_many_devices",
    deed() {
      const { ann, stage } = talk();
      const eve = new Person("eve");
      const directory = new Map(stage.directory).set(cx1.toHex(eve.fp), crowd(eve, cx1.MAX_RECIPIENTS));
      const { fp, pin } = eve;
      const head = {
        roomRef: stage.room.ref,
        cseq: stage.room.cseq + 1,
        prev: stage.room.head,
        epoch: stage.room.epoch + 1,
        seen: cx1.seenAt(stage.timeline),
        ms: 0n,
        authorFp: ann.fp,
        authorDev: ann.devices[0].id,
      };
      const section = {
        shared: false,
        keyCommit: cx1.ZERO,
        prevWrap: new Uint8Array(),
        recipsHash: cx1.ZERO,
        boxesHash: cx1.ZERO,
      };
      const ops = [{ op: "add", fp, role: cx1.Role.member, pin } as const];
      const raw = cx1.writeCommit(ann.author().secret, head, ops, section);
      cx1.applyToRoom(stage.room, cx1.parseCommit(raw), directory, stage.nextSeq);
    },
  },
  {
    name: "a commit of too many bytes",
    fault: "too_large",
    deed: () => cx1.parseCommit(new Uint8Array(cx1.MAX_COMMIT + 1)),
  },
  {
    name: "a content of too many bytes",
    fault: "too_large",
    deed() {
      const { ann, stage } = talk();
      const place = { seen: cx1.seenAt(stage.timeline), nonce: new Uint8Array(24) };
      const message = stage.message("x".repeat(cx1.MAX_CIPHERTEXT));
      cx1.sealEphemeral(stage.room, stage.ring, ann.author(), message, place);
    },
  },
  {
    name: "a key of an ephemeral room that was used before",
    fault: "key_deleted",
    deed() {
      const { ann, stage } = talk(EPHEMERAL);
      cx1.takeKey(stage.ring, 1, ann.devices[0].id, 0n);
    },
  },
  {
    name: "a key of an ephemeral room for a device that was no recipient",
    fault: "key_deleted",
    deed: () => cx1.ephemeralKey(talk(EPHEMERAL).stage.ring, 1, new Person("eve").devices[0].id),
  },
  {
    name: "an envelope of a device whose last one lies before the anchor",
    fault: "anchor",
    deed() {
      const { ann, stage } = talk();
      const { timeline, ring } = stage;
      const anchored = { ...timeline, cursors: new Map(), anchor: timeline.seq };
      cx1.sealMessage(anchored, ring, ann.author(), stage.message("?"), { nonce: new Uint8Array(24) });
    },
  },
  {
    name: "an epoch that is shared by somebody who lacks the one before",
    fault: "key_missing",
    deed() {
      const { ann, stage } = talk();
      stage.secrets.clear();
      stage.commit(ann, [{ op: "rotate" }]);
    },
  },
  {
    name: "boxes for somebody whose chain is not known",
    fault: "chain_missing",
    deed() {
      const { stage } = talk();
      const { epochs } = stage.room;
      const epoch = cx1.findEpoch(epochs, 1);
      cx1.sealBoxes(cx1.ZERO, epoch.recipients, new Map(), epoch, cx1.ZERO);
    },
  },
  {
    name: "what is due in a room whose members' chains are not known",
    fault: "chain_missing",
    deed: () => cx1.dueOps(talk().stage.room, new Map(), { envelopes: 0, ageSecs: 0 }),
  },
  {
    name: "boxes for a device that its owner's chain does not have",
    fault: "device_unknown",
    deed() {
      const { ann, bob, stage } = talk();
      const epoch = cx1.findEpoch(stage.room.epochs, 1);
      const mixed = [{ fp: ann.fp, deviceId: bob.devices[0].id }];
      cx1.sealBoxes(cx1.ZERO, mixed, stage.directory, epoch, cx1.ZERO);
    },
  },
];
