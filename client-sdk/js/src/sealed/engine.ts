/**
 * The engine of one device: its identity, and all the sealed rooms of its member.
 *
 * Invariant: it holds the keys, and nothing that it says to its host is one, but for the recovery code. It runs in
 * a worker of its own in browsers, and in the program itself on Node; the host is its way to the server.
 */

import { localError } from "../errors.js";
import { Commands } from "./commands.js";
import { Filing } from "./filing.js";
import { Identity } from "./identity.js";
import { Membership } from "./membership.js";
import { Session, type EngineHost } from "./session.js";
import type { OpenStore } from "./store.js";
import type { Verifier } from "./verifier.js";

type Asked = (...args: never[]) => Promise<unknown>;

/** What an engine can be asked, as `part.method`. */
export type Callable = {
  [P in keyof Engine]: {
    [M in keyof Engine[P] & string]: Engine[P][M] extends Asked ? `${P}.${M}` : never;
  }[keyof Engine[P] & string];
}[keyof Engine];

/** The method of that name. */
export type Called<C extends Callable> = C extends `${infer P extends keyof Engine}.${infer M}`
  ? M extends keyof Engine[P]
    ? Extract<Engine[P][M], Asked>
    : never
  : never;

export class Engine {
  readonly session: Session;
  readonly identity: Identity;
  readonly membership: Membership;
  readonly commands: Commands;
  readonly files: Filing;

  /** `origin` is where the server's pages are, for links. */
  constructor(host: EngineHost, open: OpenStore, origin: string, verifier: Verifier | null = null) {
    this.session = new Session(host, open, origin, verifier);
    this.identity = new Identity(this.session);
    this.membership = new Membership(this.session);
    this.commands = new Commands(this.session, this.membership);
    this.files = new Filing(this.session);
  }
}

/** Has an engine do something by its name, which another page may have said. */
export function callOn(engine: Engine, name: Callable, args: readonly unknown[]): Promise<unknown> {
  const [part, method] = name.split(".") as [keyof Engine, string];
  const methods = engine[part] as unknown as Readonly<Record<string, Asked | undefined>> | undefined;
  const called = methods?.[method];
  if (called === undefined) {
    const message = "Another tab shows another version of this page; load both of them anew.";
    throw localError("unavailable", message);
  }
  return called.apply(methods, args as never[]);
}
