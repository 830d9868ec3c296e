/** An encrypted room as an agent's process sees it: the runs in it that are the agent's, and what may be claimed. */

import type { Client } from "../client.js";
import type { Readable } from "../emitter.js";
import type { Id, Task, TaskBrief } from "../generated/protocol.js";
import type { LiveRoom } from "../room.js";
import type { SealedRoomView } from "../sealed/api.js";
import type { SealedRun } from "../sealed/rules/endings.js";
import { Folded, interpret, timestamp } from "../sealed/rules/index.js";

/** What a process says when it takes a run. */
export interface Claim {
  readonly project_id: Id;
  readonly run_id: Id;
  readonly instance_id: Id;
  readonly lease_seconds: number;
}

export class Workplace {
  readonly #room: LiveRoom;
  readonly #view: Readable<SealedRoomView | null>;
  readonly #agent: Id;
  readonly #forget: readonly (() => void)[];
  #ready = false;

  /** The room of that id, in which `changed` is called whenever there may be something new for this agent. */
  constructor(client: Client, id: Id, agent: Id, changed: () => void) {
    this.#room = client.room(id);
    this.#view = client.sealed.room(id);
    this.#agent = agent;
    this.#forget = [this.#room.subscribe(changed), this.#view.subscribe(changed)];
    this.#room.ready.then(
      () => {
        this.#ready = true;
        changed();
      },
      // It cannot be entered, and shows nothing.
      () => undefined,
    );
  }

  /** Whether it is known what stands in the room now; else nothing follows from what is shown. */
  get current(): boolean {
    const view = this.#view.get();
    if (!this.#ready || this.#room.phase !== "live" || view === null || view.halted !== null) return false;
    return this.#room.cursor >= view.progress.head;
  }

  /** The agent's runs that go on or wait to. */
  get runs(): readonly SealedRun[] {
    return Object.values(this.#room.state.runs)
      .filter((run) => run.wanted_agent_id === this.#agent)
      .map((run) => run as SealedRun);
  }

  run(id: Id): SealedRun | undefined {
    return this.#room.get("runs", id) as SealedRun | undefined;
  }

  /** The task that a run is for; null if there is none. */
  task({ task_id }: SealedRun): Task | null {
    return task_id === null ? null : (this.#room.get("tasks", task_id) ?? null);
  }

  /** Whether the room's rules would take a claim. */
  wouldStand(claim: Claim): boolean {
    const view = this.#view.get();
    const run = this.run(claim.run_id);
    if (view?.role == null || run === undefined) return false;
    const about = {
      ...{ sender: this.#agent, role: view.role, room: view.id, form: view.form },
      ...{ seq: this.#room.cursor + 1, at: timestamp(Date.now()), newcomer: false },
      ...{ entity: run.id, baseVersion: run.version },
    };
    try {
      interpret(new Folded(this.#room.state), { type: "run.claim", data: claim }, about);
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    for (const forget of this.#forget) forget();
    this.#room.close();
  }
}

/** What an offer shows of a run's task. */
export function brief({ id, title, description, priority, labels }: Task): TaskBrief {
  return { id, title, description, priority, labels };
}
