/**
 * Where commands are kept until they are answered.
 *
 * Invariant: a command that `add` has taken comes back from `claim`, to one running client at a
 * time, until `remove` has taken it out, whatever crashes in between.
 */

import type { QueuedCommand } from "../outbox.js";

export interface CommandStorage {
  /**
   * The account's commands, and those called before any sign-in, that are this client's or that no
   * running client holds. All of them are this client's from now on. `left` is called once a client that
   * holds some now has ended, so that they can be claimed.
   */
  claim(account: string, left?: () => void): Promise<QueuedCommand[]>;
  /** Resolves when the command will survive the program. Those added earlier are kept earlier. */
  add(command: QueuedCommand): Promise<void>;
  remove(id: string): Promise<void>;
  /** Forgets this client's commands. */
  clear(): Promise<void>;
  /** Lets go; the commands stay, for another client to claim. */
  close(): Promise<void>;
}
