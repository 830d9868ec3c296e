/** A server for engines in tests: it keeps and hands on what it is given, in order, and can be made to lie or fail. */

import * as cx1 from "../../src/crypto/index.js";
import { localError } from "../../src/errors.js";
import { Engine } from "../../src/sealed/engine.js";
import type { JoinRequest } from "../../src/generated/protocol.js";
import type { Notices } from "../../src/sealed/channel.js";
import type { SealedStore } from "../../src/sealed/store.js";

type Payload = Readonly<Record<string, unknown>>;
type Answer = (payload: Payload, member: string) => unknown;

interface Item {
  readonly seq: number;
  readonly kind: "commit" | "envelope";
  body: string;
}

interface Room {
  readonly ref: Uint8Array;
  readonly form: string;
  readonly items: Item[];
  /** Before each item, and after the last. */
  readonly transcript: Uint8Array[];
  readonly boxes: { epoch: number; device: string; box: string }[];
}

export class Script {
  readonly rooms = new Map<string, Room>();
  /** Every envelope that was posted, also those whose answer was lost. */
  readonly posted: Uint8Array[] = [];
  /** All entries of the backup, by name. */
  readonly backed = new Map<string, string>();
  #master: { readonly ver: unknown; readonly master: unknown } | null = null;
  /** Called before a request is carried out, and after; may throw what the client is to see. */
  before: (name: string, payload: Payload) => void = () => undefined;
  after: (name: string) => void = () => undefined;
  /** Who has answered an invitation. */
  requests: readonly JoinRequest[] = [];
  /** How many items it shows at once. */
  page = 500;
  readonly #chains = new Map<string, { member: string; links: string[] }>();

  /** Another server that stands where this one does. */
  copy(): Script {
    const copy = new Script();
    for (const [id, room] of this.rooms) copy.rooms.set(id, structuredClone(room));
    for (const [fp, chain] of this.#chains) copy.#chains.set(fp, structuredClone(chain));
    copy.posted.push(...this.posted);
    return copy;
  }

  /** How many links a member's chain has. */
  linksOf(member: string): number {
    const chain = [...this.#chains.values()].find((each) => each.member === member);
    return chain?.links.length ?? 0;
  }

  async request(member: string, name: string, payload: object): Promise<unknown> {
    await Promise.resolve();
    const answer = this.#answers[name];
    if (answer === undefined) throw localError("unknown_command", name);
    this.before(name, payload as Payload);
    const result = answer(payload as Payload, member);
    this.after(name);
    return result;
  }

  readonly #answers: Readonly<Record<string, Answer>> = {
    "member.get": ({ member_id }) => ({ id: member_id, name: member_id }),
    "identity.list": ({ members }) =>
      [...this.#chains.keys()]
        .map((fp) => this.#identity(fp))
        .filter(({ id }) => (members as string[]).includes(id)),
    "identity.chain": ({ fp, after_seq }) => ({
      identity: this.#identity(fp as string),
      links: this.#chains.get(fp as string)?.links.slice(Number(after_seq) + 1) ?? [],
    }),
    "identity.publish": ({ links }, member) => this.#publish(links as string[], member),
    "backup.put": ({ ver, master, entries }) => {
      this.#master = { ver, master };
      for (const { key, body } of entries as { key: string; body: string }[]) this.backed.set(key, body);
    },
    "backup.get": () => {
      if (this.#master === null) throw localError("not_found", "There is no backup.");
      return {
        ...this.#master,
        entries: Array.from(this.backed, ([key, body]) => ({ key, body })),
        next: null,
      };
    },
    "pairing.list": () => [],
    "room.join": () => ({ head: 0 }),
    "sealed_invite.create": () => null,
    "sealed_invite.requests": () => this.requests,
    "sealed_invite.dismiss": ({ id }) => {
      this.requests = this.requests.filter((request) => request.id !== id);
    },
    "sealed.wants": () => [],
    "sealed.want": () => null,
    "sealed.grant": () => null,
    "sealed.get": ({ room }) => ({ form: this.#room(room).form }),
    "sealed.create": (payload) => this.#create(payload),
    "sealed.commit": ({ room, commit, boxes }) =>
      this.#stand(this.#room(room), "commit", commit as string, boxes as string[]),
    "sealed.post": ({ room, envelope }) => this.#post(this.#room(room), envelope as string),
    "sealed.items": ({ room, after_seq }) => this.#items(this.#room(room), Number(after_seq)),
    "sealed.boxes": ({ room, device_id, from_epoch }) =>
      this.#room(room).boxes.filter(
        ({ device, epoch }) => device === device_id && epoch >= Number(from_epoch),
      ),
  };

  #identity(fp: string): { id: string; fp: string; seq: number; head: string } {
    const { member, links } = this.#chains.get(fp) ?? { member: "", links: [] };
    const history = cx1.verifyChain(links.map(cx1.fromText));
    const { pin } = cx1.newestState(history);
    return { id: member, fp, seq: pin.seq, head: cx1.toText(pin.head) };
  }

  #publish(links: readonly string[], member: string): unknown {
    const [first = ""] = links;
    const link = cx1.parseLink(cx1.fromText(first));
    const fp = cx1.toText(
      link.payload.type === "genesis" ? cx1.verifyChain([cx1.fromText(first)])[0].fp : link.fp,
    );
    const chain = this.#chains.get(fp) ?? { member, links: [] };
    chain.links.push(...links);
    this.#chains.set(fp, chain);
    return this.#identity(fp);
  }

  #create({ id, form, genesis, commit, boxes }: Payload): unknown {
    const ref = cx1.roomRefOf(cx1.parseCommit(cx1.fromText(genesis as string)));
    const room: Room = { ref, form: form as string, items: [], transcript: [ref], boxes: [] };
    this.rooms.set(id as string, room);
    this.#stand(room, "commit", genesis as string, []);
    return this.#stand(room, "commit", commit as string, boxes as string[]);
  }

  #post(room: Room, body: string): unknown {
    this.posted.push(cx1.fromText(body));
    const known = room.items.find((item) => item.body === body);
    return known ?? this.#stand(room, "envelope", body, []);
  }

  #stand(room: Room, kind: Item["kind"], body: string, boxes: readonly string[]): { seq: number } {
    const seq = room.items.length + 1;
    const raw = cx1.fromText(body);
    const commit = kind === "commit" ? cx1.parseCommit(raw) : null;
    const hash = commit === null ? cx1.eventHash(cx1.parseEnvelope(raw)) : cx1.commitHash(commit);
    room.items.push({ seq, kind, body });
    room.transcript.push(cx1.itemHash(room.transcript.at(-1) ?? room.ref, BigInt(seq), hash));
    // Tests have one device, for which every box is.
    const [fp] = this.#chains.keys();
    const history = cx1.verifyChain((this.#chains.get(fp ?? "")?.links ?? []).map(cx1.fromText));
    const [device] = cx1.activeDevices(cx1.newestState(history));
    for (const box of boxes) {
      room.boxes.push({ epoch: commit?.epoch ?? 0, device: cx1.toText(device?.id ?? new Uint8Array()), box });
    }
    return { seq };
  }

  #items(room: Room, after: number): unknown {
    const transcript = cx1.toText(room.transcript[after] ?? room.ref);
    return { head: room.items.length, transcript, items: room.items.slice(after, after + this.page) };
  }

  #room(id: unknown): Room {
    const room = this.rooms.get(id as string);
    if (room === undefined) throw localError("not_found", "There is no such room.");
    return room;
  }
}

/** What an engine has said so far. */
export class Told {
  readonly notices: { readonly name: keyof Notices; readonly value: unknown }[] = [];
  #look: () => void = () => undefined;

  readonly notify = <K extends keyof Notices>(name: K, value: Notices[K]): void => {
    this.notices.push({ name, value });
    this.#look();
  };

  /** The newest notice of that name, once it is as wanted. */
  async until<K extends keyof Notices>(name: K, wanted: (value: Notices[K]) => boolean): Promise<Notices[K]> {
    for (;;) {
      const found = this.notices.findLast((notice) => notice.name === name)?.value as Notices[K] | undefined;
      if (found !== undefined && wanted(found)) return found;
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }
}

/** A running engine of a member. */
export async function started(
  script: Script,
  store: SealedStore,
  member = "ada",
): Promise<{ readonly engine: Engine; readonly told: Told }> {
  const told = new Told();
  const request = (name: string, payload: object): Promise<unknown> => script.request(member, name, payload);
  const engine = new Engine(
    { request, notify: told.notify },
    () => Promise.resolve(store),
    "https://x.example",
  );
  await engine.session.start(member);
  await engine.session.follow([...script.rooms.keys()]);
  await engine.session.connected();
  return { engine, told };
}
