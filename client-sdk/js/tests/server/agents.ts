/** Agents for tests, the runs that people give them, and ways to wait for what becomes of those. */

import { Agent, type AgentOptions } from "@ymera/client/agent";
import { inject, onTestFinished } from "vitest";

import type { Client, Commands, LiveRoom, LoggedEvent, Question, RunInfo } from "../../src/index.js";
import { connected, joined, newProject, until } from "./people.js";

/** A project with a person in it, and agents that do what is given to them. */
export class Workshop {
  readonly ada: Client;
  readonly project: string;
  readonly room: LiveRoom;

  protected constructor(ada: Client, project: string, room: LiveRoom) {
    this.ada = ada;
    this.project = project;
    this.room = room;
  }

  static async open(): Promise<Workshop> {
    const ada = await connected();
    const project = (await newProject(ada)).id;
    return new Workshop(ada, project, await joined(ada, project));
  }

  /** A new agent that may edit the project. */
  async hire(name = "Robbie"): Promise<{ id: string; token: string }> {
    const { agent, token } = await this.ada.call("agent.register", { name });
    await this.ada.call("project.set_member", { project_id: this.project, member_id: agent.id });
    return { id: agent.id, token };
  }

  /**
   * A new agent of this process, once people may give it what `declare` lets it do; at work until the test ends.
   */
  async employ(
    declare: (agent: Agent) => void,
    { name = "Robbie", ...options }: AgentOptions & { name?: string } = {},
  ): Promise<{ id: string; agent: Agent }> {
    const { id, token } = await this.hire(name);
    // What goes wrong is looked for in the runs.
    const warn = (): void => undefined;
    const agent = new Agent({ url: inject("url"), token, grace: 0, warn, ...options });
    declare(agent);
    const running = agent.run({ signals: false });
    onTestFinished(() => agent.drain());
    await Promise.race([running, this.known(id)]);
    return { id, agent };
  }

  /** Resolves once people know what an agent can do. */
  async known(id: string): Promise<void> {
    const workspace = this.ada.workspaceRoom;
    if (workspace === null) throw new Error("Ada is a guest.");
    await until(workspace, () => (workspace.get("agents", id)?.capabilities ?? []).length > 0);
  }

  /** Gives work; the run as it was then. */
  give(capability: string, more: Partial<Commands["run.create"]["payload"]> = {}): Promise<RunInfo> {
    return this.ada.call("run.create", { project_id: this.project, capability, ...more });
  }

  /** The run as the room shows it. */
  seen(id: string): RunInfo | undefined {
    return this.room.get("runs", id) ?? this.room.get("ended_runs", id);
  }

  /** The run once it is like that. */
  async until(id: string, condition: (run: RunInfo) => boolean): Promise<RunInfo> {
    await until(this.room, () => {
      const run = this.seen(id);
      return run !== undefined && condition(run);
    });
    return this.seen(id) as RunInfo;
  }

  ended(id: string): Promise<RunInfo> {
    return this.until(id, (run) => run.ended_at !== null);
  }

  async result(id: string): Promise<unknown> {
    await this.ended(id);
    return (await this.ada.call("run.get", { run_id: id })).result;
  }

  async history(id: string): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for await (const event of this.ada.page("run.history", { run_id: id })) events.push(event);
    return events;
  }

  /** The output of a run's last attempt. */
  async output(id: string): Promise<string> {
    const pieces = (await this.history(id)).filter(({ type }) => type === "run.outputted");
    const last = Math.max(...pieces.map(({ data }) => Number(data["fence"])));
    return pieces
      .filter(({ data }) => data["fence"] === last)
      .map(({ data }) => String(data["text"]))
      .join("");
  }

  /** The question that the run asks in these words, once it does. */
  async asked(run: string, prompt: string): Promise<Question> {
    const find = () =>
      Object.values(this.room.state.questions).find((each) => each.run_id === run && each.prompt === prompt);
    await until(this.room, () => find() !== undefined);
    return find() as Question;
  }

  /** Answers that question, once it is asked. */
  async answer(run: string, prompt: string, answer: unknown): Promise<void> {
    const { id } = await this.asked(run, prompt);
    await this.ada.call("run.answer", { question_id: id, answer });
  }
}
