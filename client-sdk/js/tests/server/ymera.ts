/** A real server as a child process, with a data folder of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../../../..");
const PYTHON = process.env["YMERA_PYTHON"] ?? join(ROOT, ".venv/bin/python");
const START = "import sys; from server.cli import main; sys.exit(main(['serve']))";
const START_MS = 90_000;

/** The first account of every server that tests start. */
export const OWNER = { email: "ada@example.org", password: "correct horse battery", name: "Ada" };

export class Ymera {
  /** Its address, the same after a restart. */
  url = "";
  /** The secret that makes the first account. */
  secret = "";
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;

  private constructor(folder: string, settings: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Starts a server with these YMERA_* settings. Throws with its output if it does not come up. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Ymera> {
    const server = new Ymera(await mkdtemp(join(tmpdir(), "ymera-js-")), settings);
    await server.run();
    return server;
  }

  /** Starts it again after `kill` or `stop`. */
  async run(): Promise<void> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("YMERA_"));
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const env = {
      YMERA_DATA_DIR: this.#folder,
      YMERA_PORT: port,
      YMERA_LOG_LEVEL: "warning",
      ...this.#settings,
    };
    const fresh = this.secret === "";
    const child = spawn(PYTHON, ["-c", START], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const printed: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => printed.push(line));
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new Error(`the server ${reason}:\n${printed.join("\n")}`));
      };
      const timer = setTimeout(fail, START_MS, "did not start in time");
      child.once("error", (error) => {
        fail(`cannot be run (${error.message})`);
      });
      child.once("exit", () => {
        fail("ended before it served");
      });
      createInterface({ input: child.stdout }).on("line", (line) => {
        printed.push(line);
        this.secret = /setup#(\S+)/.exec(line)?.[1] ?? this.secret;
        const url = /serves (http:\S+)/.exec(line)?.[1];
        this.url = url ?? this.url;
        // A fresh server says after its address how to make the first account.
        if (this.secret === "" || (fresh ? url !== undefined : url === undefined)) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends it without a chance to say goodbye. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it as an operator would, and removes its data. */
  async discard(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.#folder, { recursive: true });
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
