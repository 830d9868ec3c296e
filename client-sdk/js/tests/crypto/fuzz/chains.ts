/** Chains of identities with links of all kinds, signed by who may and who may not. */

import * as cx1 from "../../../src/crypto/index.js";
import { Person, type Chance, type DeviceSecrets } from "../cast.js";
import type { Question } from "./peer.js";

const LENGTH = 8;
const TRIES = 24;

/** A chain whose links are legal, but for the last perhaps. */
export function chain(chance: Chance): Question {
  const person = new Person(`chain ${cx1.toHex(chance.draw(4))}`);
  const links = [...person.links];
  const devices = [...person.devices];
  let { history } = person;
  for (let left = TRIES; left > 0 && links.length < LENGTH; left--) {
    const { raw, device } = link(chance, person, history, devices);
    if (device !== null) devices.push(device);
    try {
      history = cx1.extendChain(history, [raw]);
      links.push(raw);
    } catch (error) {
      if (!(error instanceof cx1.Cx1Error)) throw error;
      if (chance.below(10) > 0) continue;
      links.push(raw);
      break;
    }
  }
  const input = { links: links.map(cx1.toHex), ...expectation(chance, history) };
  return { case: { id: "chain", run: "chain", input }, chains: {}, total: true };
}

/** What somebody knows of a chain before: mostly the truth. */
function expectation(chance: Chance, history: cx1.History): object {
  const state = history[chance.below(history.length)] ?? history[0];
  const { seq, head } = state.pin;
  const pin = { seq, head: cx1.toHex(head) };
  return chance.pick<object>([
    {},
    { fp: cx1.toHex(state.fp) },
    { fp: cx1.toHex(chance.draw(32)) },
    { pin },
    { pin: { ...pin, seq: seq + 1 } },
    { pin: { ...pin, seq: seq + 100 } },
  ]);
}

function link(
  chance: Chance,
  person: Person,
  history: cx1.History,
  devices: readonly DeviceSecrets[],
): { readonly raw: Uint8Array; readonly device: DeviceSecrets | null } {
  const { fp, pin } = cx1.newestState(history);
  const place = { fp, seq: pin.seq + 1, prev: pin.head, ms: BigInt(chance.below(2 ** 40)) };
  const [first = person.devices[0], ...others] = devices;
  const by = chance.pick([first, ...others]);
  const about = chance.pick([by, first, ...others]);
  const { payload, device } = payloadOf(chance, history, place, about, by);
  const signer = chance.pick([
    { id: by.id, secret: by.signing.secret },
    { id: by.id, secret: by.signing.secret },
    { id: cx1.RECOVERY, secret: person.recovery.secret },
    { id: chance.draw(16), secret: by.signing.secret },
    { id: by.id, secret: first.signing.secret },
  ]);
  const slipped = chance.pick<Partial<cx1.LinkPlace>>([
    {},
    ...[{}, {}, {}, {}],
    ...[{ seq: place.seq + 1 }, { prev: chance.draw(32) }, { fp: chance.draw(32) }],
  ]);
  const raw = cx1.writeLink(signer.secret, payload, { ...place, signer: signer.id, ...slipped });
  return { raw, device };
}

function payloadOf(
  chance: Chance,
  history: cx1.History,
  place: Pick<cx1.LinkPlace, "fp" | "seq" | "prev">,
  about: DeviceSecrets,
  by: DeviceSecrets,
): { readonly payload: cx1.Payload; readonly device: DeviceSecrets | null } {
  const known = cx1.newestState(history).devices.get(cx1.toHex(by.id));
  const xPk = chance.below(6) === 0 ? cx1.ZERO : cx1.boxPublic(chance.draw(32));
  const only = (payload: cx1.Payload): { payload: cx1.Payload; device: null } => ({ payload, device: null });
  switch (chance.below(6)) {
    case 0:
    case 1: {
      const seed = chance.below(6) === 0 ? about.seed : chance.draw(32);
      const signing = cx1.signingPair(seed);
      const keys = { edPk: signing.publicKey, xPk };
      const claimed = chance.below(6) === 0 ? { ...place, seq: place.seq + 1 } : place;
      const possession = cx1.provePossession(signing.secret, claimed, keys);
      const id = cx1.deviceId(place.fp, keys.edPk);
      const device = { id, seed, signing, xSecret: chance.draw(32) };
      return { payload: { type: "device_add", ...keys, possession }, device };
    }
    case 2:
      return only({ type: "device_revoke", deviceId: about.id });
    case 3: {
      const version = (known?.version ?? 0) + chance.pick([1, 1, 1, 0, 2]);
      return only({ type: "device_rekey", deviceId: chance.pick([by.id, by.id, about.id]), version, xPk });
    }
    case 4:
      return only({ type: "recovery_rotate", recoveryPk: chance.draw(32), salt: chance.draw(16) });
    default:
      return only({ type: "agent_endorse", agentFp: chance.draw(32) });
  }
}
