/**
 * The engine in a Web Worker: the entry of a module worker, which `workerKeys` makes.
 *
 * Invariant: keys are in here and in its encrypted store, and in no page.
 */

import { isClaimGood, type Claim } from "../crypto/claims.js";
import { localError } from "../errors.js";
import { End, type Message, type Notices } from "./channel.js";
import { callOn, Engine, type Callable } from "./engine.js";
import { indexedDbStores } from "./indexeddb.js";
import { Verifier } from "./verifier.js";

/** What a worker sees of itself. */
interface Scope {
  readonly postMessage: (message: Message) => void;
  onmessage: ((event: { readonly data: Message }) => void) | null;
  /** Where its script is. */
  readonly location: { readonly href: string };
  /** Missing in browsers whose workers can make none. */
  readonly Worker?: typeof Worker;
}

const scope = globalThis as unknown as Scope;
let engine: Engine | null = null;

/** Another of these workers, which is only ever asked to `verify`. */
function verifier(): Verifier | null {
  const { Worker, location } = scope;
  return Worker === undefined ? null : new Verifier(() => new Worker(location.href, { type: "module" }));
}

/** The first question, `configure`, says what the store is called and where the server's pages are. */
const end = new End(
  {
    post: (message) => {
      scope.postMessage(message);
    },
  },
  {
    ask: (method, args) => {
      if (method === "configure") {
        const [name, origin] = args as readonly [string, string];
        const request = (command: string, payload: object): Promise<unknown> =>
          end.ask("request", command, payload);
        const notify = <K extends keyof Notices>(notice: K, value: Notices[K]): void => {
          end.notify(notice, value);
        };
        engine = new Engine({ request, notify }, indexedDbStores(name), origin, verifier());
        return Promise.resolve();
      }
      if (method === "verify") return Promise.resolve((args[0] as readonly Claim[]).map(isClaimGood));
      if (engine === null) throw localError("internal", "The worker was not configured.");
      return callOn(engine, method as Callable, args);
    },
    notice: () => undefined,
  },
);

scope.onmessage = ({ data }) => {
  end.take(data);
};
// What came before libsodium was ready has found nobody here.
end.notify("awake", null);
