/**
 * Finds out what blocks the main thread, from another one: a debugger's pause shows where it stands and in whose
 * handler. It costs nothing while the program runs freely.
 */

import { Session, type Debugger } from "node:inspector";

import type { RunLog } from "../generated/protocol.js";
import { CURRENT_RUN } from "./current.js";
import type { Block, Lease } from "./link.js";

/** How long a pause may take to come about, in milliseconds; in native code there is none. */
const PAUSE_MS = 500;
const MAX_FRAMES = 8;
const LOOK_UP = `globalThis[Symbol.for(${JSON.stringify(CURRENT_RUN)})]?.() ?? null`;
/** That nothing can be seen. */
export const UNKNOWN: Block = { lease: null, stack: [] };

/** What the main thread is at; `UNKNOWN` while it is in native code. Not for programs under a debugger. */
export function findBlock(): Promise<Block> {
  const session = new Session();
  const files = new Map<string, string>();
  return new Promise<Block>((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS, UNKNOWN);
    session.connectToMainThread();
    session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
    session.on("Debugger.paused", ({ params: { callFrames } }) => {
      clearTimeout(timer);
      const stack = callFrames.slice(0, MAX_FRAMES).map((frame) => place(frame, files));
      lookUp(session, callFrames[0]?.callFrameId ?? "", (lease) => {
        resolve({ lease, stack });
      });
    });
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  }).finally(() => {
    // Ends the pause too.
    session.disconnect();
  });
}

/** What a run's log says of it, as `run.log`. */
export function reportOf({ project_id, run_id, fence, capability }: Lease, stack: Block["stack"]): RunLog {
  const message = `The handler of ${capability} holds up its process's event loop.`;
  return { project_id, run_id, fence, level: "warning", message, data: { stack } };
}

function lookUp(session: Session, callFrameId: string, found: (lease: Lease | null) => void): void {
  const request = { callFrameId, expression: LOOK_UP, returnByValue: true };
  session.post(
    "Debugger.evaluateOnCallFrame",
    request,
    (error, answer?: Debugger.EvaluateOnCallFrameReturnType) => {
      found(error === null ? ((answer?.result.value ?? null) as Lease | null) : null);
    },
  );
}

function place(
  { functionName, location, url }: Debugger.CallFrame,
  files: ReadonlyMap<string, string>,
): string {
  const file = url === "" ? (files.get(location.scriptId) ?? "unknown") : url;
  return `${functionName === "" ? "<anonymous>" : functionName} (${file}:${location.lineNumber + 1})`;
}
