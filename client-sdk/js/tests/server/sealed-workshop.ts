/** An encrypted project with an agent of its owner's, and that agent's processes. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentOptions } from "@ymera/client/agent";
import { fileKeys as builtKeys } from "@ymera/client/node";
import { inject, onTestFinished } from "vitest";

import type { Client, Commands, LiveRoom, RunInfo, SealedRole } from "../../src/index.js";
import { fileKeys, memoryKeys, type FileKeysOptions } from "../../src/node.js";
import { Workshop } from "./agents.js";
import { clientOf, connected, joined, newMember, until } from "./people.js";
import { Program } from "./program.js";

/** `name` is that of the process, for its keys. */
type Options = Omit<AgentOptions, "keys"> & { readonly name?: string };

export class SealedWorkshop extends Workshop {
  readonly agentId: string;
  /** Where processes keep their keys. */
  readonly folder: string;
  readonly #token: string;
  readonly #code: string;

  private constructor(
    at: { ada: Client; project: string; room: LiveRoom },
    agent: { id: string; token: string },
    own: { code: string; folder: string },
  ) {
    super(at.ada, at.project, at.room);
    this.agentId = agent.id;
    this.#token = agent.token;
    this.#code = own.code;
    this.folder = own.folder;
  }

  static override async open(): Promise<SealedWorkshop> {
    const person = await newMember(await connected());
    const ada = clientOf(person.token, { keys: memoryKeys() });
    await ada.connect();
    await stands(ada, "none");
    const code = await ada.sealed.begin();
    const { agent, token } = await ada.call("agent.register", { name: "Robbie" });
    const project = await ada.sealed.createRoom({ form: "project", name: "Apollo" });
    const inbox = ada.inbox as LiveRoom;
    await until(inbox, () => inbox.get("memberships", project) !== undefined);
    const folder = await mkdtemp(join(tmpdir(), "ymera-agent-keys-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const room = await joined(ada, project);
    return new SealedWorkshop({ ada, project, room }, { id: agent.id, token }, { code, folder });
  }

  /** Where the process of that name keeps its keys. */
  stored(name: string): FileKeysOptions {
    return { folder: join(this.folder, name), keyFile: join(this.folder, `${name}.key`) };
  }

  /** A process of the agent, in this program, once it can be in encrypted rooms; at work until the test ends. */
  async process(declare: (agent: Agent) => void, options: Options = {}): Promise<Agent> {
    const agent = this.agent(options);
    declare(agent);
    const running = agent.run({ signals: false });
    onTestFinished(() => agent.drain());
    await Promise.race([running, agent.settled]);
    return agent;
  }

  agent({ name = "one", ...options }: Options = {}): Agent {
    // What goes wrong is looked for in the runs.
    const warn = (): void => undefined;
    const [token, keys] = [this.#token, builtKeys(this.stored(name))];
    return new Agent({ url: inject("url"), token, keys, grace: 0, warn, ...options });
  }

  /** A process of its own, once it can be in encrypted rooms; `source` declares what it can do. */
  async program(source: string, name = "one", leaseSeconds = 60): Promise<Program> {
    const program = new Program(
      `import { Agent } from "@ymera/client/agent";
      import { fileKeys } from "@ymera/client/node";
      const keys = fileKeys(${JSON.stringify(this.stored(name))});
      const agent = new Agent({ keys, leaseSeconds: ${leaseSeconds} });
      ${source}
      const running = agent.run();
      await agent.settled;
      console.log("settled");
      await running;`,
      { YMERA_URL: inject("url"), YMERA_TOKEN: this.#token },
    );
    if ((await program.line()) !== "settled") throw new Error(program.errors);
    return program;
  }

  /** A client on the device of a process that is not at work. */
  async device(name: string): Promise<Client> {
    const client = clientOf(this.#token, { keys: fileKeys(this.stored(name)) });
    await client.connect();
    return client;
  }

  /** Brings the device of a further process into the agent's identity, as its owner. */
  async link(name: string): Promise<void> {
    const client = await this.device(name);
    await stands(client, "elsewhere");
    await client.sealed.recover(this.#code);
    await client.close();
  }

  /** Lets the agent, whose identity is known to be Ada's, into the room. */
  async admit(role: SealedRole = "member"): Promise<void> {
    await this.ada.sealed.endorseAgent(this.agentId);
    await this.ada.sealed.add(this.project, [{ memberId: this.agentId, role }]);
  }

  override give(capability: string, more: Partial<Commands["run.create"]["payload"]> = {}): Promise<RunInfo> {
    return super.give(capability, { agent_id: this.agentId, ...more });
  }
}

/** Resolves when this device stands so. */
export async function stands(client: Client, state: string): Promise<void> {
  await until(client.sealed.status, () => client.sealed.status.get().state === state);
}
