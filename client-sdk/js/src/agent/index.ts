/** Agents: programs that are members and do tasks. For Node. */

export { Agent } from "./agent.js";
export type { AgentOptions, CapabilityOptions, Handler } from "./agent.js";
export { CallFailed, Denied, Fatal, Retry, Stopped, Unanswered } from "./errors.js";
export type { StopReason } from "./errors.js";
export { isYmeraError, YmeraError } from "../errors.js";
export type { RunFileOptions, RunFiles } from "./files.js";
export type {
  Approval,
  ApproveOptions,
  AskOptions,
  CallOptions,
  HandOffOptions,
  Run,
  RunLogger,
} from "./run.js";
