/** The connection's thread: keeps the lifeline while handlers work, and watches whether they let others work. */

import { parentPort, workerData } from "node:worker_threads";

import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type { ErrorBody } from "../generated/protocol.js";
import { Lifeline } from "./lifeline.js";
import type { FromConnection, Start, ToConnection } from "./messages.js";
import { watch } from "./pulse.js";
import { findBlock, UNKNOWN } from "./standstill.js";

const port = parentPort;
if (port === null)
  throw new Error("This module is the agent's connection thread; import @ymera/client/agent.");
const { address, enrolment, pulse, pausable } = workerData as Start;

const tell = (message: FromConnection): void => {
  port.postMessage(message);
};

const lifeline = new Lifeline(address, enrolment, {
  offers: (offers) => {
    tell({ kind: "offers", offers });
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
});

const unwatch = watch(pulse, (blocked) => {
  if (!blocked) {
    lifeline.unblock();
    return;
  }
  void reportBlock();
});

port.on("message", (message: ToConnection) => {
  if (message.kind === "hold") lifeline.hold(message.lease);
  else if (message.kind === "letGo") lifeline.letGo(message.lease);
  else if (message.kind === "send") send(message);
  else void close();
});
lifeline.start();

async function reportBlock(): Promise<void> {
  const block = pausable ? await findBlock() : UNKNOWN;
  if (lifeline.block(block)) tell({ kind: "blocked", block });
}

function send({ id, name, payload, lane }: ToConnection & { kind: "send" }): void {
  lifeline.send(name, JSON.parse(payload) as Record<string, unknown>, lane).then(
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
  await lifeline.stop();
  port?.close();
}

function bodyOf({ code, message, retryable, data, correlationId }: YmeraError): ErrorBody {
  return { code, message, retryable, data, correlation_id: correlationId };
}
