/**
 * The connection's thread: keeps the lifeline, and the work in encrypted rooms, while handlers work, and watches
 * whether they let others work.
 */

import { parentPort, workerData } from "node:worker_threads";

import { isYmeraError, localError } from "../errors.js";
import { bodyOf } from "../sealed/channel.js";
import { Lifeline } from "./lifeline.js";
import type { LinkListener, Side } from "./link.js";
import type { FromConnection, Start, ToConnection } from "./messages.js";
import { watch } from "./pulse.js";
import { SealedWork } from "./sealed.js";
import { findBlock, UNKNOWN } from "./standstill.js";

const port = parentPort;
if (port === null)
  throw new Error("This module is the agent's connection thread; import @ymera/client/agent.");
const { address, enrolment, sealed: terms, pulse, pausable } = workerData as Start;

const tell = (message: FromConnection): void => {
  port.postMessage(message);
};

function listenerOf(side: Side): LinkListener {
  return {
    offers: (offers) => {
      tell({ kind: "offers", side, offers });
    },
    control: (control) => {
      tell({ kind: "control", control });
    },
    lost: (leases) => {
      tell({ kind: "lost", leases });
    },
    canceling: (leases) => {
      tell({ kind: "canceling", leases });
    },
    answered: (leases) => {
      tell({ kind: "answered", leases });
    },
    ended: (error) => {
      tell({ kind: "ended", error: bodyOf(error) });
    },
  };
}

const lifeline = new Lifeline(address, enrolment, listenerOf("open"));
const sealed =
  terms === null
    ? null
    : new SealedWork(address, terms, enrolment, {
        ...listenerOf("sealed"),
        settled: () => {
          tell({ kind: "settled" });
        },
        warned: (message, error) => {
          tell({ kind: "warned", message, error: bodyOf(error) });
        },
      });

const unwatch = watch(pulse, (blocked) => {
  if (!blocked) {
    lifeline.unblock();
    return;
  }
  void reportBlock();
});

port.on("message", (message: ToConnection) => {
  if (message.kind === "hold") sideOf(message.side).hold(message.lease);
  else if (message.kind === "letGo") sideOf(message.side).letGo(message.lease);
  else if (message.kind === "send") answer(message.id, send(message));
  else if (message.kind === "ask") answer(message.id, ask(message));
  else void close();
});
lifeline.start();
sealed?.start();

function sideOf(side: Side): Lifeline | SealedWork {
  return side === "sealed" && sealed !== null ? sealed : lifeline;
}

async function reportBlock(): Promise<void> {
  const block = pausable ? await findBlock() : UNKNOWN;
  const told = lifeline.block(block, sealed?.idle ?? true);
  if ((sealed?.block(block) ?? true) && told) tell({ kind: "blocked", block });
}

function send({ side, name, payload, lane }: ToConnection & { kind: "send" }): Promise<unknown> {
  return sideOf(side).send(name, JSON.parse(payload) as object, lane);
}

function ask({ method, args }: ToConnection & { kind: "ask" }): Promise<unknown> {
  if (sealed === null) throw localError("e2ee_room", "The agent was made without `keys`.");
  return sealed.keys.ask(method, ...(args as never));
}

function answer(id: number, work: Promise<unknown>): void {
  work.then(
    (result) => {
      tell({ kind: "answer", id, result });
    },
    (caught: unknown) => {
      const error = isYmeraError(caught) ? caught : localError("internal", "The client failed.", caught);
      tell({ kind: "refusal", id, error: bodyOf(error) });
    },
  );
}

async function close(): Promise<void> {
  unwatch();
  await Promise.all([lifeline.stop(), sealed?.stop()]);
  port?.close();
}
