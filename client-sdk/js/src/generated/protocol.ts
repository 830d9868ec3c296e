// The messages of the protocol. Written by scripts/generate.py from the server's contract; do not edit.

/** The version to name in `auth.protocol` when connecting. */
export const PROTOCOL_VERSION = 1;

/** A UUID in lower case. */
export type Id = string;

/** One line of 1 to 100 characters, not blank. */
export type Name = string;

/** One line of 1 to 300 characters, not blank. */
export type Title = string;

/** Text of at most 300 characters, without NUL. */
export type Topic = string;

/** Text of at most 20,000 characters, without NUL. */
export type Text = string;

/** Text of 1 to 20,000 characters, not blank and without NUL. */
export type Body = string;

/** One line of 1 to 40 characters, not blank. */
export type Label = string;

/** An emoji or short name of 1 to 32 characters, without spaces. */
export type Emoji = string;

/** One line of 1 to 200 characters, not blank. */
export type Search = string;

/** Text of at most 600 characters. */
export type Cursor = string;

/** An email address of 3 to 254 characters. */
export type Email = string;

/** Text of 10 to 256 characters, without NUL. */
export type Password = string;

/** Text of 1 to 4,096 characters. */
export type Secret = string;

/** One line of 1 to 200 characters, not blank. */
export type ExternalId = string;

/** A file name of 1 to 255 characters, without slashes, backslashes and control characters. */
export type FileName = string;

/** Folders with / between them, at most 32, none of them a dot or two. */
export type Folder = string;

/** A SHA-256 as 64 hexadecimal digits in lower case. */
export type Digest = string;

/** A name of 1 to 20 characters: small letters, digits and -. */
export type PreviewName = string;

/** A whole number from 0 to 9,007,199,254,740,991. */
export type Bytes = number;

/** A whole number from 1 to 2,147,483,647. */
export type Ordinal = number;

/** A whole number from 1 to 9,007,199,254,740,991. */
export type Version = number;

/** A whole number from 0 to 9,007,199,254,740,991. */
export type Seq = number;

/** A number from 0 to 100,000. */
export type Hours = number;

/** A time with its offset such as 2026-03-01T09:30:00Z. */
export type Timestamp = string;

/** A date such as 2026-03-01. */
export type Day = string;

/** A whole number from 1 to 200. */
export type PageSize = number;

/** An object. */
export type Json = Readonly<Record<string, unknown>>;

/** An object. */
export type Schema = Readonly<Record<string, unknown>>;

/** Text of at most 500 characters, without NUL. */
export type Note = string;

/** A whole number from 0 to 1,000,000,000,000,000. */
export type Money = number;

/** A whole number from 0 to 1,000,000,000,000. */
export type Tokens = number;

/** A number from 0 to 1,000,000,000. */
export type Seconds = number;

/** A number from 0 to 1. */
export type Share = number;

/** A name of 1 to 60 characters: letters, digits, _ . and -, a letter first. */
export type CapabilityName = string;

/** A whole number from 1 to 2,147,483,647. */
export type Fence = number;

/** Bytes as base64url without padding, in 1 to 1,334 characters. */
export type LinkBytes = string;

/** Bytes as base64url without padding, in 1 to 174,763 characters. */
export type CommitBytes = string;

/** Bytes as base64url without padding, in 1 to 349,926 characters. */
export type EnvelopeBytes = string;

/** Bytes as base64url without padding, in 192 to 192 characters. */
export type Box = string;

/** Bytes as base64url without padding, in 1 to 349,526 characters. */
export type PairingBytes = string;

/** Bytes as base64url without padding, in 1 to 1,334 characters. */
export type EntryBytes = string;

/** A name of 1 to 64 characters: letters, digits, _ and -. */
export type EntryKey = string;

/** A whole number from 0 to 4,294,967,295. */
export type Epoch = number;

/** Bytes as base64url without padding, in 43 to 43 characters. */
export type Fingerprint = string;

/** Bytes as base64url without padding, in 22 to 22 characters. */
export type DeviceId = string;

/** Of a link of an identity's chain. */
export const MAX_LINK_BYTES = 1_000;

/** Of a commit of a sealed room. */
export const MAX_COMMIT_BYTES = 131_072;

/** Of an envelope: a ciphertext of 256 KiB, its header and signature. */
export const MAX_ENVELOPE_BYTES = 262_444;

/** Of one step of pairing: linking hands over the secrets of epochs. */
export const MAX_PAIRING_BYTES = 262_144;

/** Of an entry of a backup. */
export const MAX_ENTRY_BYTES = 1_000;

/** Of an epoch's secret for one device. */
export const BOX_BYTES = 144;

/** Accounts in the workspace. */
export const MAX_MEMBERS = 10_000;

/** Invitations that can still be used. */
export const MAX_INVITATIONS = 1_000;

/** Projects in the workspace, with those that can still be restored. */
export const MAX_PROJECTS = 10_000;

/** Tasks in one project; a snapshot of a project's room holds them all. */
export const MAX_TASKS = 20_000;

/** Tasks in one import. */
export const MAX_IMPORT = 500;

/** Tasks that one task can wait for. */
export const MAX_DEPENDENCIES = 100;

/** Members who do one task. */
export const MAX_ASSIGNEES = 20;

/** Labels on one task. */
export const MAX_LABELS = 20;

/** Members of a direct conversation, with who started it. */
export const MAX_DIRECT_MEMBERS = 9;

/** Members of one project, channel or conversation. */
export const MAX_ROOM_MEMBERS = 5_000;

/** Different emoji on one message. */
export const MAX_REACTIONS = 20;

/** Reactions on one message, of all emoji together. */
export const MAX_REACTORS = 1_000;

/** Channels in the workspace. */
export const MAX_CHANNELS = 10_000;

/** Direct conversations that one member can start. */
export const MAX_DIRECTS = 2_000;

/** Members named in one message. */
export const MAX_MENTIONS = 50;

/** Files that one message shows. */
export const MAX_ATTACHED = 20;

/** Files in one room, with those in its trash. */
export const MAX_FILES = 100_000;

/** Versions of one file; the oldest that are not pinned go first. */
export const MAX_VERSIONS = 500;

/** Levels of tasks under tasks. */
export const MAX_SUBTASK_DEPTH = 8;

/** Events one answer holds; a client further behind than this gets a snapshot. */
export const MAX_EVENTS = 1_000;

/** Bytes of events one answer holds, unless a single one is larger. */
export const MAX_EVENT_BYTES = 4_194_304;

/** Newest messages that a room's snapshot, and so a client's folded state, holds. */
export const MESSAGE_WINDOW = 100;

/** Newest notifications that an inbox's snapshot and folded state hold. */
export const NOTIFICATION_WINDOW = 100;

/** Agents in the workspace that are not retired. */
export const MAX_AGENTS = 2_000;

/** Capabilities of one agent. */
export const MAX_CAPABILITIES = 50;

/** Processes of one agent at a time. */
export const MAX_INSTANCES = 200;

/** Bytes of one JSON Schema. */
export const MAX_SCHEMA_BYTES = 16_384;

/** Bytes of one input, result, answer, argument or artifact. */
export const MAX_JSON_BYTES = 262_144;

/** Runs of one project that have not ended. */
export const MAX_LIVE_RUNS = 20_000;

/** Characters of one piece of output. */
export const MAX_OUTPUT_CHUNK = 32_000;

/** Characters of output of one run; what is larger is an artifact. */
export const MAX_OUTPUT = 1_000_000;

/** Log lines and progress reports of one run. */
export const MAX_LOG_LINES = 5_000;

/** Artifacts of one run. */
export const MAX_ARTIFACTS = 50;

/** Questions that one run asks. */
export const MAX_QUESTIONS = 200;

/** Open questions of one project; its snapshot holds them all. */
export const MAX_OPEN_QUESTIONS = 500;

/** Bytes of what a log line carries, or of the arguments that are to be approved. */
export const MAX_DETAIL_BYTES = 16_384;

/** Bytes of one answer. */
export const MAX_ANSWER_BYTES = 65_536;

/** Calls under calls. */
export const MAX_CALL_DEPTH = 8;

/** Runs that descend from one run by calls. */
export const MAX_CALLS = 500;

/** Times that a capability stands above itself in a chain of calls. */
export const MAX_SAME_CALLS = 2;

/** Triggers of one project. */
export const MAX_TRIGGERS = 200;

/** Ended runs that a project's snapshot and folded state hold, the newest. */
export const ENDED_RUNS_WINDOW = 100;

/** How long an offered run waits for the agent's first sign. */
export const OFFER_SECONDS = 10;

/** How long a lease lasts from the agent's last sign; one that is lost is offered anew within 30 s. */
export const LEASE_SECONDS = 25;

/** How often an agent's process gives a sign. */
export const HEARTBEAT_SECONDS = 8;

/** How long a run that is being canceled may take for its last report. */
export const FINAL_SECONDS = 15;

/** How long a deleted project can be restored. */
export const DELETE_GRACE_DAYS = 30;

/** Entries that a backup may have. */
export const MAX_BACKUP_ENTRIES = 100_000;

/** Sealed rooms that one member may make. */
export const MAX_SEALED_ROOMS = 2_000;

/** Open invitations of a sealed room. */
export const MAX_SEALED_INVITES = 200;

/** Devices that a sealed room may wait to grant secrets to. */
export const MAX_WANTS = 200;

/** After which a step of pairing is gone. */
export const PAIRING_SECONDS = 300;

/**
 * What went wrong, in a form that programs branch on.
 *
 * - `invalid`: The request does not fit its declared shape; `data.path` names the field.
 * - `unknown_command`: This server has no command of that name.
 * - `unsupported_protocol`: This server does not speak the version in `auth.protocol`; `data.supported` lists those it does.
 * - `unauthenticated`: No credentials, or credentials that are wrong, revoked or malformed.
 * - `token_expired`: The access token ran out; refresh it (`session.refresh`) and send again.
 * - `forbidden`: You can see the thing, but your role does not allow this.
 * - `not_found`: It does not exist, or you may not know that it does.
 * - `conflict`: Somebody was faster, or the name is taken; `data` holds the current state.
 * - `illegal_transition`: The state machine has no such move; `data.allowed` lists the legal ones.
 * - `cycle`: The dependency or parent would close a circle; `data.cycle` names its tasks in order.
 * - `limit_exceeded`: A count is at its bound; `data.limit` is that bound.
 * - `too_large`: The message or body has more bytes than this server takes; `ready` says how many.
 * - `rate_limited`: Too many requests; wait `data.retry_after` seconds.
 * - `fenced`: The report is of an attempt that is over: another one has begun, or the run has ended. Stop.
 * - `run_canceled`: Somebody has stopped the run; only one last report, `run.complete` or `run.fail`, is accepted.
 * - `budget_exhausted`: A budget does not bear this; `data.budget` says which. The run has failed.
 * - `e2ee_room`: The room is encrypted: it takes sealed content only, and the server cannot search in it.
 * - `epoch_stale`: The room has another epoch by now, `data.epoch`; seal it again.
 * - `commit_conflict`: Another commit or link was faster; `data` says which comes next. Apply it and make yours anew.
 * - `rotation_required`: The room needs a new epoch before this.
 * - `ctr_conflict`: This is not the device's next envelope; `data.expected` is its number.
 * - `version_conflict`: The thing has another version by now, `data.current`.
 * - `client_id_conflict`: Other bytes were sent under the same `client_id`.
 * - `not_member`: The signing device is not an active one of a member of the room.
 * - `role`: The member's role in the room does not allow this.
 * - `bad_signature`: A signature is not that of whom it names.
 * - `bad_transcript`: What was seen of the room is not what stands there; catch up and seal it again.
 * - `malformed`: Bytes of an encrypted room are not in their form; `data.fault` says what is wrong.
 * - `deadline_exceeded`: The server gave up waiting; the same `command_id` may be sent again.
 * - `unavailable`: The server is starting, draining or has lost its database; try again.
 * - `internal`: A fault of the server; quote the `correlation_id` to its operator.
 */
export type ErrorCode =
  | "invalid"
  | "unknown_command"
  | "unsupported_protocol"
  | "unauthenticated"
  | "token_expired"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "illegal_transition"
  | "cycle"
  | "limit_exceeded"
  | "too_large"
  | "rate_limited"
  | "fenced"
  | "run_canceled"
  | "budget_exhausted"
  | "e2ee_room"
  | "epoch_stale"
  | "commit_conflict"
  | "rotation_required"
  | "ctr_conflict"
  | "version_conflict"
  | "client_id_conflict"
  | "not_member"
  | "role"
  | "bad_signature"
  | "bad_transcript"
  | "malformed"
  | "deadline_exceeded"
  | "unavailable"
  | "internal";

/**
 * What an account is in the workspace.
 *
 * - `guest`: Sees only the projects and rooms it was added to.
 */
export type WorkspaceRole = "guest" | "member" | "admin" | "owner";

/** What a member is in a project or a room. */
export type RoomRole = "viewer" | "editor" | "manager";

/** What a program's token may be limited to; each scope includes the ones before it. */
export type Scope = "read" | "write" | "admin";

/**
 * What a budget is for.
 *
 * - `month`: Each calendar month, UTC. A run counts in the month in which it was offered first.
 */
export type BudgetPeriod = "total" | "month";

/**
 * What a file is, by its content.
 *
 * - `document`: PDF, word processor, presentation, e-mail, e-book.
 * - `table`: CSV and spreadsheets.
 */
export type ContentKind =
  | "image"
  | "document"
  | "text"
  | "table"
  | "code"
  | "archive"
  | "audio"
  | "video"
  | "other";

/**
 * How far the reading of a file's content is.
 *
 * - `failed`: It is broken or beyond the limits; `error` says what.
 */
export type AnalysisState = "pending" | "done" | "failed";

/** What a list of files can be sorted by. */
export type FileSort = "name" | "updated_at" | "bytes" | "quality";

/**
 * What becomes of a new file whose name is taken in its folder.
 *
 * - `rename`: It gets a number: `report (2).pdf`.
 * - `version`: It becomes a version of the other one.
 */
export type NameConflict = "rename" | "version" | "refuse";

/** Where a line of a comparison stands. */
export type DiffSign = "same" | "added" | "removed";

/**
 * What changed at a file.
 *
 * - `uploaded`: A new version.
 * - `shown`: It is for everybody in the room again.
 */
export type FileCause =
  | "uploaded"
  | "restored"
  | "renamed"
  | "moved"
  | "analyzed"
  | "deleted"
  | "undeleted"
  | "held"
  | "released"
  | "shown";

/**
 * What two devices meet for.
 *
 * - `link`: A new device of a member with one that is known already.
 * - `verify`: Devices of two members, that compare a number.
 */
export type PairingPurpose = "link" | "verify";

/**
 * Why something concerns you.
 *
 * - `question`: A run asks you something; `question_id` says what.
 * - `run_failed`: A run that you gave has failed for good.
 */
export type NotificationKind =
  | "mention"
  | "assigned"
  | "reply"
  | "comment"
  | "question"
  | "run_failed";

/** Whether a member is a human or a program. */
export type MemberKind = "person" | "agent";

/** What a list of members can be sorted by. */
export type MemberSort = "name" | "created_at";

/** How reachable a member is. */
export type PresenceStatus = "online" | "away" | "busy";

/** What answers a question. */
export type QuestionKind = "text" | "choice" | "form" | "approval";

/**
 * Where a question stands.
 *
 * - `expired`: Nobody answered in time.
 * - `withdrawn`: The run has ended, or begins anew.
 */
export type QuestionState = "open" | "answered" | "expired" | "withdrawn";

/** How a sealed room is shown. What it holds is the members' affair. */
export type Form = "conversation" | "project";

/**
 * What stands at a seq.
 *
 * - `stub`: An envelope whose content was erased.
 */
export type ItemKind = "commit" | "envelope" | "stub";

/** What a trigger waits for. */
export type TriggerKind = "schedule" | "event" | "webhook";

/**
 * What becomes of the times that passed while the server was down.
 *
 * - `latest`: One run, for the last of them.
 * - `all`: A run for each, of the last 100.
 */
export type CatchUp = "skip" | "latest" | "all";

/** What a room belongs to. */
export type RoomKind = "workspace" | "project" | "channel" | "direct" | "inbox" | "sealed";

/** The kinds that members make themselves. */
export type NewRoomKind = "channel" | "direct";

/** Where a project is in its life. */
export type ProjectState = "draft" | "active" | "on_hold" | "completed" | "archived";

/** What a list of projects can be sorted by. */
export type ProjectSort = "name" | "created_at" | "updated_at";

/** Where a task stands; the columns of a board. */
export type TaskStatus = "backlog" | "todo" | "in_progress" | "in_review" | "done" | "canceled";

/** How pressing a task is, from least to most. */
export type Priority = "none" | "low" | "medium" | "high" | "urgent";

/** What a list of tasks can be sorted by. */
export type TaskSort = "rank" | "created_at" | "updated_at" | "due" | "priority" | "title";

/**
 * Where a run stands. The last four are final.
 *
 * - `submitted`: It waits to be started, or to be started again.
 * - `input-required`: It waits for an answer.
 * - `auth-required`: It waits for an approval.
 * - `rejected`: The agent that it was meant for does not take it.
 */
export type RunState =
  | "submitted"
  | "working"
  | "input-required"
  | "auth-required"
  | "completed"
  | "failed"
  | "canceled"
  | "rejected";

/**
 * Why an attempt failed; decides whether there is another.
 *
 * - `transient`: The world was at fault: a network, a service. Tried again, later each time.
 * - `rate_limited`: Somebody else's limit. Tried again, after longer pauses.
 * - `crashed`: The program raised. Tried again.
 * - `lost`: The agent's process gave no more signs. Offered anew at once.
 * - `unresponsive`: The agent gave no first sign. Offered anew at once.
 * - `invalid`: The input makes no sense to the agent. Not tried again.
 * - `fatal`: It cannot be done. Not tried again.
 * - `budget_exhausted`: A budget is spent. Not tried again.
 * - `deadline_exceeded`: The run's deadline has passed. Not tried again.
 * - `canceled`: Somebody stopped it. Not tried again.
 */
export type ErrorClass =
  | "transient"
  | "rate_limited"
  | "crashed"
  | "lost"
  | "unresponsive"
  | "invalid"
  | "fatal"
  | "budget_exhausted"
  | "deadline_exceeded"
  | "canceled";

/**
 * How an attempt ended.
 *
 * - `released`: The process handed it back, or waited for an answer when it went.
 * - `restarted`: Another instruction took its place.
 */
export type AttemptOutcome =
  | "completed"
  | "failed"
  | "canceled"
  | "rejected"
  | "released"
  | "restarted";

/**
 * What a process has to know about one of its runs.
 *
 * - `cancel`: Stop, report once more.
 * - `answer`: The question is answered, expired or withdrawn.
 * - `reply`: The run that it called has ended.
 * - `lost`: Stop: it is no longer this process's.
 */
export type RunControlKind = "cancel" | "answer" | "reply" | "lost";

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/**
 * Why a run has changed.
 *
 * - `started`: An agent accepted it.
 * - `requeued`: An attempt has ended and there will be another.
 * - `restarted`: It begins anew with another input.
 * - `waiting`: It waits for an answer, an approval or another run.
 * - `resumed`: What it waited for has come.
 */
export type RunCause =
  | "started"
  | "requeued"
  | "restarted"
  | "canceling"
  | "waiting"
  | "resumed"
  | "stale"
  | "changed";

/**
 * Where an agent is in its life.
 *
 * - `registered`: No process of it has ever connected.
 * - `busy`: Connected and at work.
 * - `draining`: All its processes finish what they have and take nothing more.
 * - `retired`: For good; its token is dead.
 */
export type AgentState = "registered" | "online" | "busy" | "draining" | "offline" | "retired";

/** How dear a use of a capability is, for people who choose. */
export type CostClass = "free" | "low" | "medium" | "high";

/**
 * What happens to a second run for a task while the first one goes on.
 *
 * - `reject`: It is refused.
 * - `enqueue`: It waits until the first one has ended.
 * - `interrupt`: The first one is canceled and may give a last report; then the second starts.
 * - `restart`: The first one's attempt ends at once and it begins anew with the second's input.
 */
export type SecondRun = "reject" | "enqueue" | "interrupt" | "restart";

/**
 * Why a run waits.
 *
 * - `blocked`: Its task waits for others.
 * - `behind`: An earlier run for the same task goes on.
 * - `not_before`: Its time has not come, or it pauses between two attempts.
 * - `paused`: The project's queue is paused.
 * - `project_limit`: The project has as many runs going on as it may.
 * - `no_agent`: No agent of the project has the capability.
 * - `offline`: The agents that could do it are not connected, or draining.
 * - `unresponsive`: The agents that could do it let offers pass.
 * - `at_capacity`: The agents that could do it have as many runs as they take.
 * - `rate`: As many runs have started in the last minute as may.
 * - `budget`: A budget does not bear what it would reserve.
 * - `offered`: It is offered to an agent, which has yet to give a sign.
 * - `next`: Nothing: it is about to be offered.
 */
export type WaitReason =
  | "blocked"
  | "behind"
  | "not_before"
  | "paused"
  | "project_limit"
  | "no_agent"
  | "offline"
  | "unresponsive"
  | "at_capacity"
  | "rate"
  | "budget"
  | "offered"
  | "next";

/** A thing with an id. */
export interface Entity {
  readonly id: Id;
}

/** A request. */
export interface Command {
  /** Chosen by the sender: the same id again changes nothing and is answered alike. */
  command_id?: Id | null;
}

/** Part of a list. `next` is the cursor of the following part, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: Cursor | null;
}

/** One field's step in an entity's history, as JSON values. */
export interface Change {
  readonly field: string;
  readonly before: string | number | boolean | readonly string[] | null;
  readonly after: string | number | boolean | readonly string[] | null;
}

/** An error on the wire: in a REST answer under `error`, in an ack beside `ok: false`. */
export interface ErrorBody {
  readonly code: ErrorCode;
  /** One English sentence: what is wrong and how to mend it. */
  readonly message: string;
  readonly retryable: boolean;
  /** What a program needs to react, by code; possibly empty. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Stands in every log line of this request. */
  readonly correlation_id: string;
}

/** What a project's runs, or an agent's, may cost, and how much of that is used. */
export interface Budget {
  readonly project_id: Id | null;
  /** One of the two. */
  readonly agent_id: Id | null;
  readonly period: BudgetPeriod;
  readonly limit: Money;
  readonly spent: Money;
  /** By runs that go on. */
  readonly reserved: Money;
  /** Its first day. */
  readonly month: Day | null;
  readonly updated_at: Timestamp;
}

/** The budgets of a project or an agent. */
export interface Budgets {
  readonly items: readonly Budget[];
}

/** `budget.list`: The budgets of a project that you may see, or of an agent. */
export interface BudgetList extends Command {
  project_id?: Id | null;
  agent_id?: Id | null;
}

/**
 * `budget.set`: Set or lift a limit. For a project its managers, for an agent its owner and admins.
 *
 * Lower than what is spent and reserved: then nothing more starts, and what goes on may still
 * spend what it has reserved.
 */
export interface BudgetSet extends Command {
  /** Null: none any more. */
  limit: Money | null;
  project_id?: Id | null;
  agent_id?: Id | null;
  /** Default: `"month"`. */
  period?: BudgetPeriod;
}

/** A file, as its newest version is. */
export interface FileInfo extends Entity {
  readonly version: Version;
  readonly room: Id;
  readonly task_id: Id | null;
  /** The run that made the newest version. */
  readonly run_id: Id | null;
  readonly folder: Folder;
  readonly name: FileName;
  /** Of the newest version, from 1. */
  readonly number: number;
  readonly bytes: number;
  readonly sha256: Digest;
  /** By content, not by name. */
  readonly media_type: string;
  readonly kind: ContentKind;
  readonly analysis: AnalysisState;
  /** 0 to 100, once it is known. */
  readonly quality: number | null;
  /** Why nobody can download it; empty if one can. */
  readonly held: string;
  /** Only for managers, whoever made it, and those who were granted access. */
  readonly restricted: boolean;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly updated_by: Id;
  readonly updated_at: Timestamp;
  /** While it is in the trash: when it goes for good. */
  readonly purge_at: Timestamp | null;
}

/** A version of a file. */
export interface FileVersion {
  readonly file_id: Id;
  readonly number: number;
  /** As it was called then. */
  readonly name: FileName;
  readonly bytes: number;
  readonly sha256: Digest;
  readonly media_type: string;
  readonly kind: ContentKind;
  readonly analysis: AnalysisState;
  readonly quality: number | null;
  readonly held: string;
  /** What it is pinned as; empty if it may be thinned out. */
  readonly label: string;
  readonly restored_from: number | null;
  readonly run_id: Id | null;
  readonly created_by: Id;
  readonly created_at: Timestamp;
}

/** One thing that a quality score is made of. */
export interface QualityPart {
  readonly name: string;
  /** 0 to 100. */
  readonly score: number;
  /** Its share of the whole; those of all parts are 1 together. */
  readonly weight: number;
  /** In words, with the figures that it was reckoned from. */
  readonly reason: string;
}

/** How good a file is of its kind. */
export interface Quality {
  /** 0 to 100. */
  readonly score: number;
  readonly parts: readonly QualityPart[];
}

/** Something in a file that somebody should know of. It never holds the thing itself. */
export interface Finding {
  /** `secret` or `malware`. */
  readonly kind: string;
  readonly rule: string;
  readonly page: number | null;
  readonly line: number | null;
}

/** A picture of a file or of one of its pages, for `file.link`. */
export interface Preview {
  /** `thumbnail`, or `page-1` and so on. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** What was read from a file's content. */
export interface FileDescription {
  readonly media_type: string;
  readonly kind: ContentKind;
  /** ISO 639-1, where there is enough text to tell. */
  readonly language: string | null;
  /** Pages of text that can be read with `file.text`. */
  readonly pages: number | null;
  readonly characters: number;
  /** By kind; at most 16 KiB. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly quality: Quality | null;
  readonly findings: readonly Finding[];
  readonly previews: readonly Preview[];
  /** What could not be read, and why; empty if all was. */
  readonly error: string;
}

/** Access to one file for a member, or for everybody who has this role in the room, or a higher one. */
export interface FileGrant extends Entity {
  readonly member_id: Id | null;
  readonly role: RoomRole | null;
  /** `viewer` reads, `editor` also changes. */
  readonly access: RoomRole;
  readonly until: Timestamp | null;
  readonly created_by: Id;
  readonly created_at: Timestamp;
}

/** A file, or one of its versions, with what is known of it. */
export interface FileDetails {
  readonly file: FileInfo;
  readonly version: FileVersion;
  /** Yours. */
  readonly access: RoomRole;
  readonly description: FileDescription | null;
  /** For managers and whoever made it; else empty. */
  readonly grants: readonly FileGrant[];
}

/** `file.list`: Files of a room that you may see. Filters are joined by «and». */
export interface FileList extends Command {
  room: Id;
  /** Only those right in this folder. */
  folder?: Folder | null;
  task_id?: Id | null;
  run_id?: Id | null;
  kind?: ContentKind | null;
  /** Part of the name. */
  query?: Search | null;
  /** Deleted ones in place of the others. Default: `false`. */
  trash?: boolean;
  /** Default: `"name"`. */
  sort?: FileSort;
  /** Default: `false`. */
  descending?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** A folder: it is there as long as a file is in it. */
export interface FolderInfo {
  readonly path: Folder;
  /** That you may see, at all depths. */
  readonly files: number;
  readonly bytes: number;
  readonly updated_at: Timestamp;
}

/** Folders, by name. */
export interface Folders {
  readonly folders: readonly FolderInfo[];
}

/** `file.folders`: The folders right in a folder, the first 1,000. */
export interface FileFolders extends Command {
  room: Id;
  /** Default: `""`. */
  folder?: Folder;
}

/** `file.get`: A file, or with `number` one of its versions, with what was read from it. */
export interface FileGet extends Command {
  file_id: Id;
  number?: Ordinal | null;
}

/**
 * `file.adopt`: Make a file, or a version of one, of content that the room has already: nothing is sent twice. Editors.
 *
 * `not_found` unless you may read a file of the room with that content; then upload it.
 */
export interface FileAdopt extends Command {
  room: Id;
  name: FileName;
  sha256: Digest;
  /** Of which file it is a new version. */
  file_id?: Id | null;
  /** Default: `""`. */
  folder?: Folder;
  task_id?: Id | null;
  run_id?: Id | null;
  /** Default: `"rename"`. */
  conflict?: NameConflict;
}

/** `file.rename`: Give a file another name. Editors. */
export interface FileRename extends Command {
  file_id: Id;
  name: FileName;
  version?: Version | null;
}

/** `file.move`: Put a file into another folder of its room, and with `task_id` at a task, or at none. Editors. */
export interface FileMove extends Command {
  file_id: Id;
  folder: Folder;
  task_id?: Id | null;
  version?: Version | null;
}

/** `file.versions`: The versions of a file, newest first. */
export interface FileVersions extends Command {
  file_id: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `file.restore`: Make an old version the newest again, as a version of its own. Editors. */
export interface FileRestore extends Command {
  file_id: Id;
  number: Ordinal;
}

/** A line of a comparison. */
export interface DiffLine {
  readonly sign: DiffSign;
  /** Its number there, from 1. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

/** Lines that differ, with three lines around them. */
export interface Hunk {
  readonly lines: readonly DiffLine[];
}

/** How two versions of a file differ. */
export interface FileComparison {
  readonly before: FileVersion;
  readonly after: FileVersion;
  /** Byte by byte. */
  readonly same: boolean;
  /** Whether their texts were compared. */
  readonly text: boolean;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly Hunk[];
  /** There is more than is shown. */
  readonly truncated: boolean;
  /** What differs of the metadata: before and after, by name. */
  readonly metadata: Readonly<Record<string, readonly unknown[]>>;
}

/** `file.compare`: How two versions of a file differ, in their text where they have one. */
export interface FileCompare extends Command {
  file_id: Id;
  before: Ordinal;
  after: Ordinal;
}

/** `file.pin`: Name a version, which keeps it for good; without a label it may be thinned out again. Editors. */
export interface FilePin extends Command {
  file_id: Id;
  number: Ordinal;
  label?: Name | null;
}

/**
 * `file.delete`: Put a file into the trash, from which it goes after 30 days. Editors.
 *
 * With `forever`, for managers, at once: its versions are gone.
 */
export interface FileDelete extends Command {
  file_id: Id;
  /** Default: `false`. */
  forever?: boolean;
}

/** `file.undelete`: Take a file out of the trash; it gets a number if its name was taken meanwhile. Editors. */
export interface FileUndelete extends Command {
  file_id: Id;
}

/**
 * `file.restrict`: Let only managers, whoever made it and those granted access have a file; or everybody again.
 *
 * For managers and whoever made it.
 */
export interface FileRestrict extends Command {
  file_id: Id;
  restricted: boolean;
}

/**
 * `file.grant`: Give a person, an agent or a role access to one file, also if they are not in its room.
 *
 * For managers and whoever made it. A grant to the same replaces the one before.
 */
export interface FileGrantAccess extends Command {
  file_id: Id;
  member_id?: Id | null;
  /** In place of a member: everybody in the room with this role, or a higher one. */
  role?: RoomRole | null;
  /** `viewer` or `editor`. Default: `"viewer"`. */
  access?: RoomRole;
  until?: Timestamp | null;
}

/** `file.revoke`: End a grant; links made with it stop working. For managers and whoever made the file. */
export interface FileRevoke extends Command {
  file_id: Id;
  grant_id: Id;
}

/**
 * `file.hold`: Keep everybody from downloading a version, the newest if none is named, and say why; without a reason
 * let it go again. Managers. The check for malware does the same.
 */
export interface FileHold extends Command {
  file_id: Id;
  number?: Ordinal | null;
  /** Default: `""`. */
  reason?: Note;
}

/** A page of a file in which something was found. */
export interface FileHit {
  readonly file: FileInfo;
  /** From 1. */
  readonly page: number;
  /** Around what was found, which stands between U+0002 and U+0003. */
  readonly snippet: string;
}

/** What was found, best first. */
export interface FileHits {
  readonly hits: readonly FileHit[];
}

/**
 * `file.search`: Search in what files say, of a room or of all that you may see: words, "phrases", or, -not.
 *
 * The best page of each file.
 */
export interface FileSearch extends Command {
  query: Search;
  room?: Id | null;
  kind?: ContentKind | null;
  /** A whole number from 1 to 50. Default: `20`. */
  limit?: number;
}

/** A file that is nearly the same as another. */
export interface SimilarFile {
  readonly file: FileInfo;
  /** 1 is the same content. */
  readonly likeness: number;
}

/** Files like another, the most alike first. */
export interface SimilarFiles {
  readonly files: readonly SimilarFile[];
}

/** `file.similar`: Files of the same room that are nearly the same as this one, by text or by look; at most 50. */
export interface FileSimilar extends Command {
  file_id: Id;
}

/** A page of what a file says. */
export interface FileText {
  readonly page: number;
  readonly pages: number;
  readonly text: string;
}

/** `file.text`: A page of the text that was read from a file. `not_found` while there is none. */
export interface FileTextGet extends Command {
  file_id: Id;
  number?: Ordinal | null;
  /** Default: `1`. */
  page?: Ordinal;
}

/** An address from which one can download without signing in, for a while. */
export interface FileLink {
  readonly url: string;
  readonly expires_at: Timestamp;
}

/** `file.link`: A link to a file's content, for a browser. It works while you may read the file, an hour at most. */
export interface FileLinkGet extends Command {
  file_id: Id;
  number?: Ordinal | null;
  /** A preview in place of the file. */
  preview?: PreviewName | null;
  /** Whether a browser may show it, where that is safe, in place of saving it. Default: `false`. */
  inline?: boolean;
  /** A whole number from 5 to 3,600. Default: `300`. */
  seconds?: number;
}

/** How much a room or a member has, and may have. */
export interface Quota {
  /** A room: that its files take, each content once. A member: that it has sent in the last 24 hours. */
  readonly bytes: number;
  /** For uploads under way. */
  readonly reserved: number;
  readonly limit: number;
}

/** What may still be uploaded to a room, by you. */
export interface FileQuota {
  readonly room: Quota;
  readonly member: Quota;
  /** Bytes of the largest file that this server takes. */
  readonly largest: number;
}

/** `file.quota`: How much is in a room and how much you have sent, and what the limits are. */
export interface FileQuotaGet extends Command {
  room: Id;
}

/**
 * `file.set_quota`: Set how many bytes a project or channel may take, or a member send in 24 hours. Admins.
 *
 * Without a limit, that of the settings holds again.
 */
export interface FileQuotaSet extends Command {
  room?: Id | null;
  member_id?: Id | null;
  limit?: Bytes | null;
}

/** `file.created`: A new file. */
export interface FileCreated {
  readonly file: FileInfo;
}

/** `file.updated`: A file has changed. */
export interface FileUpdated {
  readonly file: FileInfo;
  readonly cause: FileCause;
}

/** `file.removed`: A file has gone for good, or is no longer for everybody. */
export interface FileRemoved {
  readonly file_id: Id;
}

/** How far somebody's chain reaches; `id` is the member's. */
export interface Identity extends Entity {
  /** Names the identity. A member has another one only after a new beginning. */
  readonly fp: Fingerprint;
  /** Of its last link. */
  readonly seq: Seq;
  /** The hash of its last link. */
  readonly head: Fingerprint;
}

/** Successive links of an identity, from `after_seq` on; more of them if `seq` of its head is greater. */
export interface Chain {
  readonly identity: Identity;
  readonly links: readonly LinkBytes[];
}

/**
 * `identity.publish`: Add links to the own chain, or to that of an agent of one's own; the first begins with its genesis.
 *
 * `commit_conflict` with `expected`, if other links have come since; fetch them and sign anew.
 */
export interface IdentityPublish extends Command {
  /** A list of 1 to 100 items. */
  links: readonly LinkBytes[];
  /** Yourself, if left out; an agent's owner may name the agent. */
  member_id?: Id | null;
  /** To begin anew with a genesis: the identity that is given up. Rooms have to add the new one. */
  replaces?: Fingerprint | null;
}

/** `identity.list`: How far the chains of these members reach; those that have none are left out. */
export interface IdentityList extends Command {
  /** A list of 1 to 200 items. */
  members: readonly Id[];
}

/** `identity.chain`: The links of an identity, in order, up to 1,000 at once. Also of one that was given up. */
export interface IdentityChain extends Command {
  fp: Fingerprint;
  /** The last one that you have; -1 for all. A whole number from -1 to 2,147,483,647. Default: `-1`. */
  after_seq?: number;
}

/** `identity.extended`: In each sealed room and in the own inbox: somebody's chain reaches further now. */
export interface IdentityExtended {
  readonly room: Id;
  readonly identity: Identity;
}

/** One step that a device has sent to another. It is gone after five minutes. */
export interface Pairing {
  /** Chosen by who begins; both sides name it. */
  readonly id: Id;
  readonly purpose: PairingPurpose;
  /** The member whose device has sent it. */
  readonly sender: Id;
  /** A whole number from 0 to 9. */
  readonly step: number;
  readonly body: PairingBytes;
  readonly at: Timestamp;
}

/**
 * `pairing.send`: Send a step to a member's devices, yourself included. Each step of a pairing can be sent once.
 *
 * To another member only if you both may know of each other. At most 20 pairings an hour.
 */
export interface PairingSend extends Command {
  id: Id;
  purpose: PairingPurpose;
  to: Id;
  /** A whole number from 0 to 9. */
  step: number;
  body: PairingBytes;
}

/** `pairing.list`: What was sent to you and is not yet gone, oldest first, for whoever has just connected. */
export interface PairingList extends Command {
}

/** `pairing.sent`: In the inbox of whom it is for: a step of a pairing. */
export interface PairingSent {
  readonly room: Id;
  readonly pairing: Pairing;
}

/** One thing that is kept, under a name that says nothing. */
export interface BackupEntry {
  readonly key: EntryKey;
  readonly body: EntryBytes;
}

/** What a recovery code opens: a first part of the entries, if there are more than 500. */
export interface Backup {
  readonly ver: Ordinal;
  readonly master: EntryBytes;
  readonly entries: readonly BackupEntry[];
  /** For `after`; null after the last. */
  readonly next: string | null;
}

/**
 * `backup.put`: Add entries to the own backup, or replace those of the same key.
 *
 * A greater `ver` begins a new one and drops the one before; a lower one is refused with `version_conflict`.
 */
export interface BackupPut extends Command {
  ver: Ordinal;
  master: EntryBytes;
  /** A list of at most 500 items. */
  entries: readonly BackupEntry[];
}

/** `backup.get`: The own backup, entries by key; `not_found` if there is none. */
export interface BackupGet extends Command {
  after?: EntryKey | null;
}

/** Something to look at. Unread while its seq is above the inbox membership's `read_seq`. */
export interface Notification extends Entity {
  /** Its place in the inbox. */
  readonly seq: Seq;
  readonly kind: NotificationKind;
  /** The room or project where it happened. */
  readonly room: Id;
  readonly actor_id: Id;
  readonly message_id: Id | null;
  readonly task_id: Id | null;
  /** Text of at most 200 characters. */
  readonly excerpt: string;
  readonly created_at: Timestamp;
  readonly run_id?: Id | null;
  readonly question_id?: Id | null;
}

/** `notification.list`: Your notifications, newest first. */
export interface NotificationList extends Command {
  /** True: only those you have not read. Default: `false`. */
  unread?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `notification.added`: In a member's inbox: there is something to look at. */
export interface NotificationAdded {
  readonly notification: Notification;
}

/** A single-use, expiring invitation. Its secret is shown once, when it is made. */
export interface Invitation extends Entity {
  readonly version: Version;
  readonly role: WorkspaceRole;
  /** If set, only an account with this address can use it. */
  readonly email: Email | null;
  /** If set, the newcomer also becomes `project_role` in this project. */
  readonly project_id: Id | null;
  readonly project_role: RoomRole | null;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly used_at: Timestamp | null;
  readonly used_by: Id | null;
}

/** The invitation and the link to send. The link holds the secret; it cannot be shown again. */
export interface InvitationCreated {
  readonly invitation: Invitation;
  readonly secret: string;
  readonly link: string;
}

/** `invitation.create`: Make an invitation. Admins, for roles up to their own; project managers, for guests. */
export interface InvitationCreate extends Command {
  /** Default: `"member"`. */
  role?: WorkspaceRole;
  email?: Email | null;
  project_id?: Id | null;
  project_role?: RoomRole | null;
  /** A whole number from 1 to 720. Default: `72`. */
  expires_in_hours?: number;
}

/** `invitation.get`: One invitation. Admins, and whoever made it. */
export interface InvitationGet extends Command {
  invitation_id: Id;
}

/** `invitation.list`: Invitations, newest first. Admins see all, others their own. */
export interface InvitationList extends Command {
  /** True: those that can still be used; false: the rest; null: both. */
  open?: boolean | null;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `invitation.update`: Change the role or the expiry of an unused invitation. */
export interface InvitationUpdate extends Command {
  invitation_id: Id;
  version: Version;
  role?: WorkspaceRole;
  expires_at?: Timestamp;
}

/** `invitation.remove`: Withdraw an invitation: its link stops working. */
export interface InvitationRemove extends Command {
  invitation_id: Id;
}

/** A person or an agent. `email` is null for everyone but admins and oneself. */
export interface Member extends Entity {
  readonly version: Version;
  readonly name: Name;
  readonly kind: MemberKind;
  readonly role: WorkspaceRole;
  readonly email: Email | null;
  /** False once removed; the name stays for what the member wrote. */
  readonly active: boolean;
  readonly created_at: Timestamp;
}

/** `member.get`: One member. Guests see themselves and those they share a room with. */
export interface MemberGet extends Command {
  member_id: Id;
}

/** `member.list`: Members by name or by time of joining. */
export interface MemberList extends Command {
  /** Part of a name. */
  query?: Search | null;
  role?: WorkspaceRole | null;
  kind?: MemberKind | null;
  /** Default: `"name"`. */
  sort?: MemberSort;
  /** Default: `false`. */
  descending?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `member.update`: Rename yourself; admins rename anyone. */
export interface MemberUpdate extends Command {
  member_id: Id;
  version: Version;
  name?: Name;
}

/** `member.set_role`: Give a member a workspace role. Admins, up to their own role; the last owner stays owner. */
export interface MemberSetRole extends Command {
  member_id: Id;
  role: WorkspaceRole;
}

/** `member.remove`: Remove a member: its sessions and tokens end at once and its connections close. */
export interface MemberRemove extends Command {
  member_id: Id;
}

/** `member.added`: In the workspace's room: somebody joined. */
export interface MemberAdded {
  readonly member: Member;
}

/** `member.updated`: A member has another name or role. */
export interface MemberUpdated {
  readonly member: Member;
}

/** `member.removed`: Somebody is no longer in the workspace; `member` is the entity with `active` false. */
export interface MemberRemoved {
  readonly member_id: Id;
  readonly member: Member;
}

/**
 * `presence`: Who came into view in a room, or changed, and who left. After a join: everyone there.
 *
 * Of a crowd, 500 are shown.
 */
export interface Presence {
  readonly room: Id;
  /** By member id; a member with several connections shows its most reachable one. */
  readonly joined: Readonly<Record<string, PresenceStatus>>;
  readonly left: readonly Id[];
}

/** `typing`: A member is typing, or stopped. A client forgets it after six seconds. */
export interface Typing {
  readonly room: Id;
  readonly member_id: Id;
  readonly thread_id: Id | null;
  readonly typing: boolean;
}

/** `heads`: Every 15 s, the head of each room this connection is in: shows a lost tail. */
export interface Heads {
  readonly heads: Readonly<Record<string, Seq>>;
}

/** `lagging`: You read too slowly and events were dropped. Pull each room's range up to its head. */
export interface Lagging {
  readonly heads: Readonly<Record<string, Seq>>;
}

/** `closing`: The server is about to close this connection. */
export interface Closing {
  /** `draining`, `token_expired`, `revoked`, `role_changed`, `too_slow`, `behind`. */
  readonly reason: string;
  /** Whether a client should come back by itself. */
  readonly reconnect: boolean;
}

/** `presence.set`: How you are shown on this connection, in all its rooms. */
export interface PresenceSet extends Command {
  status: PresenceStatus;
}

/** `presence.list`: Who is in a room now. */
export interface PresenceList extends Command {
  room: Id;
}

/** `typing.set`: Show or stop showing that you type. Repeat it every three seconds while it lasts. */
export interface TypingSet extends Command {
  room: Id;
  thread_id?: Id | null;
  /** Default: `true`. */
  typing?: boolean;
}

/** Something that a run wants to know or be allowed. A project's state holds the open ones. */
export interface Question extends Entity {
  readonly project_id: Id;
  readonly run_id: Id;
  readonly task_id: Id | null;
  readonly agent_id: Id;
  /** The agent's own name for it: asked again with the same, it is the same question. Text of 1 to 200 characters. */
  readonly key: string;
  readonly kind: QuestionKind;
  /** Text of 1 to 4,000 characters. */
  readonly prompt: string;
  readonly choices: readonly string[];
  /** JSON Schema of the answer. */
  readonly form: Schema | null;
  /** Of an approval: what is to be done. Text of at most 200 characters. */
  readonly action: string | null;
  /** Of an approval: with what, exactly. */
  readonly arguments: Json | null;
  /** SHA-256 of the arguments as JSON with sorted keys and no spaces, in hex. Text of at most 64 characters. */
  readonly arguments_hash: string | null;
  /** Of an approval: most that it may cost. */
  readonly ceiling: Money | null;
  /** Who was asked; nobody: everybody who may edit. */
  readonly asked: readonly Id[];
  readonly state: QuestionState;
  /** Text, one of the choices, an object, or for an approval true or false. */
  readonly answer: unknown;
  /** Text of at most 2,000 characters. */
  readonly comment: string;
  readonly answered_by: Id | null;
  readonly created_at: Timestamp;
  readonly answered_at: Timestamp | null;
  readonly expires_at: Timestamp | null;
  /** Of an approval: when it was made use of. It serves once. */
  readonly used_at: Timestamp | null;
}

/** `question.list`: Questions that you may answer, newest first, over all your projects or in one. */
export interface QuestionList extends Command {
  project_id?: Id | null;
  run_id?: Id | null;
  /** False: also those that are answered, expired or withdrawn. Default: `true`. */
  open?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `question.get`: One question. */
export interface QuestionGet extends Command {
  question_id: Id;
}

/**
 * `run.answer`: Answer a question. Those who were asked, or whoever may edit; approvals are for people alone.
 *
 * Managers may always answer.
 */
export interface RunAnswer extends Command {
  question_id: Id;
  /** Text, one of the choices, an object that satisfies the form, or for an approval true or false. */
  answer: unknown;
  /** Text of at most 2,000 characters. Default: `""`. */
  comment?: string;
}

/** `question.asked`: A run asks something. */
export interface QuestionAsked {
  readonly question: Question;
}

/** `question.closed`: A question was answered, has expired or was withdrawn. */
export interface QuestionClosed {
  readonly question_id: Id;
  readonly question: Question;
}

/** `approval.used`: A run has made use of an approval. */
export interface ApprovalUsed {
  readonly question: Question;
  readonly cost: Money;
}

/** What the server knows of a sealed room. */
export interface SealedRoom extends Entity {
  readonly room_ref: Fingerprint;
  readonly form: Form;
  /** Of the last commit. */
  readonly cseq: Seq;
  readonly epoch: Epoch;
  readonly created_by: Id;
  readonly created_at: Timestamp;
}

/** What stands at a seq of a sealed room. */
export interface Item {
  readonly seq: Seq;
  readonly kind: ItemKind;
  readonly body: EnvelopeBytes;
  readonly at: Timestamp;
  readonly actor: Id | null;
}

/** A stretch of a sealed room's timeline, in order; more of it if `head` is greater. */
export interface Items {
  readonly room: Id;
  readonly head: Seq;
  /** Of the room before the first of them. */
  readonly transcript: Fingerprint;
  readonly items: readonly Item[];
}

/** The secret of an epoch, for one device. */
export interface DeviceBox {
  readonly epoch: Epoch;
  readonly box: Box;
}

/** Where something stands in the timeline. */
export interface Posted {
  readonly room: Id;
  readonly seq: Seq;
}

/** `sealed.create`: Make a sealed room: its genesis, which stands at seq 1, and the commit that makes epoch 1, at 2. */
export interface SealedCreate extends Command {
  id: Id;
  form: Form;
  genesis: CommitBytes;
  commit: CommitBytes;
  /** A list of at most 1,000 items. */
  boxes: readonly Box[];
}

/** `sealed.get`: What the server knows of a sealed room that you are in. */
export interface SealedGet extends Command {
  room: Id;
}

/**
 * `sealed.commit`: Change who belongs to a room, or make a new epoch.
 *
 * `commit_conflict` if another commit was faster: apply it and make yours anew.
 */
export interface SealedCommit extends Command {
  room: Id;
  commit: CommitBytes;
  /** For the recipients of a new epoch, in their order; none without one. A list of at most 1,000 items. Default: `[]`. */
  boxes?: readonly Box[];
}

/**
 * `sealed.post`: Say something. Sent again with the same bytes it has the same answer.
 *
 * `ctr_conflict`, `epoch_stale`, `rotation_required`, `version_conflict`, `bad_transcript`, `not_member`,
 * `role`: catch up with the room, and seal anew.
 */
export interface SealedPost extends Command {
  room: Id;
  envelope: EnvelopeBytes;
  /** Envelopes of which only the stub is to be kept: own ones; an admin may erase anybody's. A list of at most 100 items. Default: `[]`. */
  erases?: readonly Seq[];
}

/** `sealed.items`: What stands after `after_seq`, up to `limit` and 4 MiB. Nothing is ever too old. */
export interface SealedItems extends Command {
  room: Id;
  /** Default: `0`. */
  after_seq?: Seq;
  /** A whole number from 1 to 1,000. Default: `1000`. */
  limit?: number;
}

/** `sealed.boxes`: The boxes that are for a device of yours, from epochs and from grants, by epoch; up to 1,000. */
export interface SealedBoxes extends Command {
  room: Id;
  device_id: DeviceId;
  /** Default: `1`. */
  from_epoch?: Epoch;
}

/** `sealed.grant`: Give the secret of an epoch to a device that was added since. */
export interface SealedGrant extends Command {
  room: Id;
  epoch: Ordinal;
  fp: Fingerprint;
  device_id: DeviceId;
  box: Box;
}

/** A device that lacks the secrets of epochs from one on; whoever has them may grant them. */
export interface Want {
  readonly fp: Fingerprint;
  readonly device_id: DeviceId;
  readonly epoch: Ordinal;
}

/** `sealed.want`: Ask the others for the secret of an epoch that a device of yours lacks. It is asked for a week. */
export interface SealedWant extends Command {
  room: Id;
  device_id: DeviceId;
  epoch: Ordinal;
}

/** `sealed.wants`: Which devices lack secrets in this room; up to 200. */
export interface SealedWants extends Command {
  room: Id;
}

/** `sealed.whisper`: Say something that nobody keeps, in an ephemeral envelope: who types, that an agent still works. */
export interface SealedWhisper extends Command {
  room: Id;
  envelope: EnvelopeBytes;
}

/** `sealed.discard`: Remove an object for good: a file's bytes. Who has uploaded it, and the room's admins. */
export interface SealedDiscard extends Command {
  room: Id;
  object_id: Id;
}

/** `commit.posted`: A commit stands here. */
export interface CommitPosted {
  readonly commit: CommitBytes;
  /** Whom the server shuts out by it. Clients go by the commit. */
  readonly removed: readonly Id[];
}

/** `envelope.posted`: An envelope stands here; or, once it was erased, its stub. */
export interface EnvelopePosted {
  readonly envelope: EnvelopeBytes;
  /** Default: `[]`. */
  readonly erases?: readonly Seq[];
}

/** `sealed.whispered`: In a sealed room: an ephemeral envelope. */
export interface SealedWhispered {
  readonly room: Id;
  readonly envelope: EnvelopeBytes;
}

/** `sealed.granted`: In a sealed room: a box for a device has come; fetch it with `sealed.boxes`. */
export interface SealedGranted {
  readonly room: Id;
  readonly device_id: DeviceId;
  readonly epoch: Ordinal;
}

/** `sealed.wanted`: In a sealed room: a device asks for a secret; grant it if you have it and it may. */
export interface SealedWanted {
  readonly room: Id;
  readonly want: Want;
}

/** An invitation to a sealed room. Its secret is only in the link that was made from it. */
export interface SealedInvite extends Entity {
  readonly room: Id;
  readonly room_ref: Fingerprint;
  readonly form: Form;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly expires_at: Timestamp;
  /** How often it can still be answered. A whole number from 0 to 1,000. */
  readonly uses: number;
}

/** Somebody has answered an invitation, and waits for a member to check the proof and add them. */
export interface JoinRequest extends Entity {
  readonly invite_id: Id;
  readonly member_id: Id;
  readonly fp: Fingerprint;
  readonly proof: Fingerprint;
  readonly at: Timestamp;
}

/** `sealed_invite.create`: Let somebody be added by a link. Who may add members of the room; at most 200 open ones a room. */
export interface SealedInviteCreate extends Command {
  id: Id;
  room: Id;
  /** A whole number from 1 to 720. Default: `72`. */
  hours?: number;
  /** A whole number from 1 to 1,000. Default: `1`. */
  uses?: number;
}

/** `sealed_invite.get`: An invitation whose link you have; `not_found` once it is over. */
export interface SealedInviteGet extends Command {
  id: Id;
}

/** `sealed_invite.answer`: Ask to be added, with the proof that you have the link's secret. */
export interface SealedInviteAnswer extends Command {
  invite_id: Id;
  fp: Fingerprint;
  proof: Fingerprint;
}

/** `sealed_invite.requests`: Who waits to be added to a room, oldest first; up to 200. */
export interface SealedInviteRequests extends Command {
  room: Id;
}

/** `sealed_invite.close`: Withdraw an invitation and what was answered to it. Its maker, and the room's admins. */
export interface SealedInviteClose extends Command {
  id: Id;
}

/** `sealed_invite.dismiss`: Take a request off the list: the proof is wrong, or the one it names was added. */
export interface SealedInviteDismiss extends Command {
  id: Id;
}

/** `sealed_invite.answered`: In a sealed room: somebody waits to be added. */
export interface SealedInviteAnswered {
  readonly room: Id;
  readonly request: JoinRequest;
}

/** Which events of the project's room a trigger waits for. */
export interface EventFilter {
  /** Such as `task.created`; not one of `run.…`, `question.…`, `approval.…` or `trigger.…`. Text of 1 to 60 characters. */
  readonly type: string;
  /** Values by path, such as `task.status`: all must be equal; of a list, one of them. An object of at most 20 keys. Default: `{}`. */
  readonly where?: Readonly<Record<string, unknown>>;
}

/** Something that starts runs by itself. */
export interface Trigger extends Entity {
  readonly version: Version;
  readonly project_id: Id;
  readonly name: Name;
  readonly kind: TriggerKind;
  /** Five fields, as crontab has them. Text of 1 to 200 characters. */
  readonly cron: string | null;
  /** The time zone of `cron`, such as `Europe/Berlin`. Text of 1 to 64 characters. */
  readonly zone: string;
  readonly catch_up: CatchUp;
  readonly filter: EventFilter | null;
  readonly capability: CapabilityName;
  readonly agent_id: Id | null;
  /**
   * The runs' input. Texts in it that are `{{path}}` stand for a value of the event, or of the
   * webhook's body.
   */
  readonly input: Json;
  readonly enabled: boolean;
  /** Of a schedule. */
  readonly next_at: Timestamp | null;
  readonly fired_at: Timestamp | null;
  /** How often. */
  readonly fired: number;
  /** Why the last firing made no run; empty if it made one. */
  readonly error: Note;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
}

/** A trigger; for a webhook with the address to post to and the secret to sign with, shown this once. */
export interface TriggerMade {
  readonly trigger: Trigger;
  readonly url: string | null;
  readonly secret: string | null;
}

/** `trigger.create`: Have runs start by themselves. Managers. */
export interface TriggerCreate extends Command {
  project_id: Id;
  name: Name;
  kind: TriggerKind;
  capability: CapabilityName;
  id?: Id | null;
  agent_id?: Id | null;
  /** Default: `{}`. */
  input?: Json;
  /** Text of 1 to 200 characters. */
  cron?: string | null;
  /** Text of 1 to 64 characters. Default: `"UTC"`. */
  zone?: string;
  /** Default: `"latest"`. */
  catch_up?: CatchUp;
  filter?: EventFilter | null;
}

/** `trigger.update`: Change a trigger, stop it or let it go on. Managers. */
export interface TriggerUpdate extends Command {
  trigger_id: Id;
  version: Version;
  name?: Name;
  capability?: CapabilityName;
  agent_id?: Id | null;
  input?: Json;
  /** Text of 1 to 200 characters. */
  cron?: string;
  /** Text of 1 to 64 characters. */
  zone?: string;
  catch_up?: CatchUp;
  filter?: EventFilter;
  enabled?: boolean;
}

/** `trigger.delete`: Delete a trigger. Managers. */
export interface TriggerDelete extends Command {
  trigger_id: Id;
}

/** `trigger.rotate_secret`: Give a webhook another secret. Managers. */
export interface TriggerRotateSecret extends Command {
  trigger_id: Id;
}

/** `trigger.list`: The triggers of a project, by name. */
export interface TriggerList extends Command {
  project_id: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `trigger.created`: A new trigger. */
export interface TriggerCreated {
  readonly trigger: Trigger;
}

/** `trigger.updated`: A trigger was changed, or has fired. */
export interface TriggerUpdated {
  readonly trigger: Trigger;
}

/** `trigger.deleted`: A trigger is gone. */
export interface TriggerDeleted {
  readonly trigger_id: Id;
}

/** A file of the room that a message shows, as it was called then. */
export interface MessageFile {
  readonly id: Id;
  readonly name: string;
  readonly bytes: number;
  readonly media_type: string;
  readonly kind: ContentKind;
}

/** A message. A deleted one keeps its place, with an empty text. */
export interface Message extends Entity {
  readonly version: Version;
  readonly room: Id;
  /** The seq of the event that brought it: its place in the room. */
  readonly seq: Seq;
  readonly author_id: Id;
  readonly text: Text;
  /** The message that opened the thread, if this is an answer in one. */
  readonly thread_id: Id | null;
  /** The task that this comments on. */
  readonly task_id: Id | null;
  /** Members named as `@[name](id)` in the text who can see the room. */
  readonly mentions: readonly Id[];
  /** Members by emoji. */
  readonly reactions: Readonly<Record<string, readonly Id[]>>;
  readonly reply_count: number;
  readonly created_at: Timestamp;
  readonly edited_at: Timestamp | null;
  readonly deleted: boolean;
  /** Default: `[]`. */
  readonly files?: readonly MessageFile[];
}

/** What an answer changes at the message that opened its thread. */
export interface ThreadSummary extends Entity {
  readonly reply_count: number;
}

/** What a comment changes at its task. */
export interface CommentSummary extends Entity {
  readonly comment_count: number;
}

/**
 * `message.send`: Say something in a room. `@[name](id)` mentions a member, into whose inbox it goes.
 *
 * `files` are some of the same room that are for everybody in it; with them the text may be blank.
 */
export interface MessageSend extends Command {
  room: Id;
  text: Text;
  id?: Id | null;
  thread_id?: Id | null;
  /** A list of at most 20 items. Default: `[]`. */
  files?: readonly Id[];
}

/** `message.edit`: Change the text of your own message. */
export interface MessageEdit extends Command {
  message_id: Id;
  text: Body;
  version?: Version | null;
}

/** `message.delete`: Empty a message. Your own, or anyone's as the room's manager. */
export interface MessageDelete extends Command {
  message_id: Id;
}

/** `message.react`: Add your reaction to a message, or with `on` false take it back. */
export interface MessageReact extends Command {
  message_id: Id;
  emoji: Emoji;
  /** Default: `true`. */
  on?: boolean;
}

/** `message.sent`: A message, an answer in a thread (which counts at `thread`) or a comment (at `task`). */
export interface MessageSent {
  readonly message: Message;
  readonly thread: ThreadSummary | null;
  readonly task: CommentSummary | null;
}

/** `message.updated`: Edited, deleted or reacted to. */
export interface MessageUpdated {
  readonly message: Message;
}

/** What an upload becomes. On the wire `name` is called `filename`, as tus clients do. */
export interface UploadTarget {
  readonly room: Id;
  readonly name: FileName;
  /** Default: `""`. */
  readonly folder?: Folder;
  readonly task_id?: Id | null;
  /** As an agent: the run, at work with it, that made the file. */
  readonly run_id?: Id | null;
  /** Of which file it is a new version. */
  readonly file_id?: Id | null;
  /** Default: `"rename"`. */
  readonly conflict?: NameConflict;
  /** What the whole must be; else it is thrown away. */
  readonly sha256?: Digest | null;
}

/** What an upload into a sealed room becomes. Whatever else there is to it stands in an envelope. */
export interface ObjectTarget {
  readonly room: Id;
  /** New, and chosen at random by the client. */
  readonly object_id: Id;
}

/** All that the server knows of a file in a sealed room: that there are so many bytes, and whose. */
export interface SealedObject extends Entity {
  readonly room: Id;
  readonly bytes: number;
  readonly created_by: Id;
  readonly created_at: Timestamp;
}

/** The organisation. Its room has its id and carries members and public channels. */
export interface Workspace extends Entity {
  readonly version: Version;
  readonly name: Name;
  readonly description: Text;
  readonly created_at: Timestamp;
}

/** The workspace together with who you are in it. */
export interface WorkspaceView extends Entity {
  readonly workspace: Workspace;
  readonly me: Member;
}

/** `workspace.get`: The workspace, and your own member entity. */
export interface WorkspaceGet extends Command {
}

/** `workspace.update`: Rename or describe the workspace. Admins. */
export interface WorkspaceUpdate extends Command {
  version: Version;
  name?: Name;
  description?: Text;
}

/** `workspace.updated`: The workspace has another name or description. */
export interface WorkspaceUpdated {
  readonly workspace: Workspace;
}

/** A channel or a direct conversation (whose `name` is empty: it is known by its members). */
export interface Room extends Entity {
  readonly version: Version;
  readonly kind: RoomKind;
  /** Text of at most 100 characters. */
  readonly name: string;
  readonly topic: Topic;
  /** True: only members see it. Direct conversations always are. */
  readonly private: boolean;
  readonly archived: boolean;
  readonly created_by: Id | null;
  readonly created_at: Timestamp;
}

/** A member in a room or project; `id` is the member's. */
export interface Participant extends Entity {
  readonly name: Name;
  readonly kind: MemberKind;
  readonly role: RoomRole;
  readonly joined_at: Timestamp;
  /** When the membership ends by itself. */
  readonly until?: Timestamp | null;
  /** It is for this task alone: nothing else in the project can be changed, and it ends with the task. */
  readonly task_id?: Id | null;
}

/** In your inbox: a room or project that you are in, or the inbox itself; `id` is the room's. */
export interface Membership extends Entity {
  readonly kind: RoomKind;
  /** Of the channel or project; empty for a direct conversation and the inbox. Text of at most 100 characters. */
  readonly name: string;
  readonly role: RoomRole;
  /** You have read the room up to here; the same on all your devices. */
  readonly read_seq: Seq;
}

/** An event as it stands in a room's log and arrives in `event` and `events`. */
export interface LoggedEvent {
  readonly room: Id;
  readonly seq: Seq;
  readonly type: string;
  readonly at: Timestamp;
  /** The member whose command it was; null for the server itself. */
  readonly actor: Id | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What brings a client to `head`: the events it missed, or `reset` with the whole state. */
export interface Joined {
  readonly room: Id;
  readonly kind: RoomKind;
  readonly head: Seq;
  /** The log's identity. It changes when the database is restored from a backup. */
  readonly generation: string;
  readonly role: RoomRole;
  readonly events?: readonly LoggedEvent[];
  /** By collection, every entity of the room's state at `head`. */
  readonly reset?: Readonly<Record<string, readonly (Readonly<Record<string, unknown>>)[]>>;
}

/** A stretch of a room's log in order; `head` is the newest seq there is. */
export interface EventRange {
  readonly room: Id;
  readonly head: Seq;
  readonly events: readonly LoggedEvent[];
}

/**
 * `room.create`: Make a channel, which guests may not, or a direct conversation.
 *
 * The same direct members get the same room.
 */
export interface RoomCreate extends Command {
  /** Default: `"channel"`. */
  kind?: NewRoomKind;
  id?: Id | null;
  /** Required for a channel, and unique among public ones; refused for a direct room. */
  name?: Name | null;
  /** Default: `""`. */
  topic?: Topic;
  /** Default: `false`. */
  private?: boolean;
  /** Others to add. A direct conversation needs one to eight. A list of at most 200 items. Default: `[]`. */
  members?: readonly Id[];
}

/** `room.get`: One channel or direct conversation. */
export interface RoomGet extends Command {
  room: Id;
}

/** `room.list`: Channels and conversations that you may enter, by name. */
export interface RoomList extends Command {
  query?: Search | null;
  kind?: NewRoomKind | null;
  /** True: those you are in; false: public channels you are not in; null: both. */
  joined?: boolean | null;
  /** Default: `false`. */
  archived?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `room.update`: Rename, describe, archive or reopen a channel. Its managers. */
export interface RoomUpdate extends Command {
  room: Id;
  version: Version;
  name?: Name;
  topic?: Topic;
  archived?: boolean;
}

/**
 * `room.join`: Receive a room's events on this connection, after what was missed since `after_seq`.
 *
 * Joining a public channel makes you a member of it, unless it is archived or your token only reads.
 * A client further than 1,000 events or 4 MiB behind, with a seq that the log does not have (any more)
 * or of another `generation`, gets `reset`.
 */
export interface RoomJoin extends Command {
  room: Id;
  /** The last seq that the client has applied; null for the whole state. */
  after_seq?: Seq | null;
  /** Text of at most 64 characters. */
  generation?: string | null;
}

/** `room.unsubscribe`: Stop receiving a room's events on this connection. */
export interface RoomUnsubscribe extends Command {
  room: Id;
}

/**
 * `room.events`: The events after `after_seq`, to close a gap: a first part of them where they exceed 4 MiB.
 *
 * None, though `head` is greater, means that the log no longer has them: join again.
 */
export interface RoomEvents extends Command {
  room: Id;
  after_seq: Seq;
  /** A whole number from 1 to 1,000. Default: `1000`. */
  limit?: number;
}

/** `room.history`: Messages of a room, newest first: all; a thread, its opening message last; a task's comments. */
export interface RoomHistory extends Command {
  room: Id;
  thread_id?: Id | null;
  task_id?: Id | null;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `room.members`: Who is in a channel or conversation, by name. */
export interface RoomMembers extends Command {
  room: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `room.add_member`: Bring a member into a channel. Its members; for a private channel, and to set roles, its managers. */
export interface RoomAddMember extends Command {
  room: Id;
  member_id: Id;
  /** Default: `"editor"`. */
  role?: RoomRole;
}

/** `room.remove_member`: Take a member out of a channel. Its managers. */
export interface RoomRemoveMember extends Command {
  room: Id;
  member_id: Id;
}

/** `room.leave`: Give up your membership of a channel. The last manager makes another member manager first. */
export interface RoomLeave extends Command {
  room: Id;
}

/** `room.mark_read`: Say that you have read a room up to `seq`, at most its head. It never goes back. */
export interface RoomMarkRead extends Command {
  room: Id;
  seq: Seq;
}

/** `room.created`: A new room, told in the room itself and, for a public channel, in the workspace's room. */
export interface RoomCreated {
  readonly room: Room;
}

/** `room.updated`: A channel has another name or topic, or was archived or reopened. */
export interface RoomUpdated {
  readonly room: Room;
}

/** `participant.added`: A member was added to the room or project, or has another role there or another name. */
export interface ParticipantAdded {
  readonly participant: Participant;
}

/** `participant.removed`: A member left or was taken out; its connections stop receiving the room. */
export interface ParticipantRemoved {
  readonly member_id: Id;
}

/** `membership.updated`: In a member's inbox: a room is new to it, has another name, gives it another role or was read. */
export interface MembershipUpdated {
  readonly membership: Membership;
}

/** `membership.removed`: In a member's inbox: it is no longer in that room, and forgets what it holds of it. */
export interface MembershipRemoved {
  readonly room_id: Id;
}

/** `POST /api/auth/register`. On a fresh server `invite` is the secret of the set-up link. */
export interface Register {
  readonly email: Email;
  readonly password: Password;
  readonly name: Name;
  readonly invite?: Secret | null;
  /** True: keep the refresh token in an HttpOnly cookie and leave it out of the answer. Default: `false`. */
  readonly cookie?: boolean;
}

/** `POST /api/auth/login`. */
export interface Login {
  readonly email: Email;
  /** Text of 1 to 256 characters. */
  readonly password: string;
  /** Default: `false`. */
  readonly cookie?: boolean;
}

/** `POST /api/auth/password`. Your other sign-ins end; programs' tokens stay. */
export interface PasswordChange {
  /** Text of 1 to 256 characters. */
  readonly current: string;
  readonly new: Password;
}

/** `POST /api/auth/refresh`. Browsers send an empty object and their cookie. */
export interface Refresh {
  readonly refresh_token?: Secret | null;
}

/** Signed in. `refresh_token` is null where it went into the cookie. */
export interface Credentials {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string | null;
  readonly me: Member;
}

/** `GET /api/auth/me`. */
export interface Me {
  readonly me: Member;
  readonly workspace: Workspace;
}

/** One sign-in of yours. */
export interface SessionInfo {
  readonly id: Id;
  readonly created_at: Timestamp;
  readonly last_used_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly address: string;
  readonly user_agent: string;
  readonly current: boolean;
}

/** `GET /api/auth/sessions`. */
export interface SessionsInfo {
  readonly sessions: readonly SessionInfo[];
}

/** `POST /api/tokens`. A token acts as you, within `scope`, until it expires or is revoked. */
export interface TokenCreate {
  readonly name: Name;
  /** Default: `"write"`. */
  readonly scope?: Scope;
  /** A whole number from 1 to 366. Default: `90`. */
  readonly expires_in_days?: number;
}

/** A program's token, without its secret. */
export interface TokenInfo {
  readonly id: Id;
  readonly name: Name;
  readonly scope: Scope;
  /** The secret's first characters, to recognise it by. */
  readonly hint: string;
  readonly created_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly last_used_at: Timestamp | null;
}

/** The new token. `secret` is shown this once. */
export interface TokenCreated {
  readonly token: TokenInfo;
  readonly secret: string;
}

/** `GET /api/tokens`. */
export interface TokensInfo {
  readonly tokens: readonly TokenInfo[];
}

/** `GET /api/setup`: whether this server still waits for its first account. */
export interface SetupInfo {
  readonly needs_setup: boolean;
  readonly workspace: string;
}

/** What this server takes from one connection. */
export interface Limits {
  readonly max_message_bytes: number;
  /** Commands a second, for long. */
  readonly command_rate: number;
  /** Commands at once, before the rate applies. */
  readonly command_burst: number;
}

/** `ready`: The first message on a connection: commands may be sent now. */
export interface Ready {
  readonly me: Member;
  readonly workspace: Workspace;
  /** The room of what concerns you; its id is your own. */
  readonly inbox: Id;
  /** Seconds until the access token runs out; null for a program's token. */
  readonly session_expires_in: number | null;
  readonly limits: Limits;
  /** The identity of the server's log, as in `room.join`. */
  readonly generation: string;
}

/** Fresh credentials; `refresh_token` is null where the client keeps none (browsers). */
export interface Refreshed {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string | null;
  readonly me: Member;
}

/** `session.refresh`: Renew this connection's access, with one of: a refresh token, or an access token got by REST. */
export interface SessionRefresh extends Command {
  refresh_token?: Secret | null;
  access_token?: Secret | null;
}

/** `session.revoked`: In a member's inbox: a sign-in or token of theirs ended; its connections are closed. */
export interface SessionRevoked {
  readonly session_id: Id;
}

/** A project. Its room has its id. */
export interface Project extends Entity {
  readonly version: Version;
  readonly name: Name;
  readonly description: Text;
  readonly state: ProjectState;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
  /** Set while deleted: when it goes for good. Until then `project.restore` brings it back. */
  readonly purge_at: Timestamp | null;
}

/** A project in a list: the project, your role in it, and how far its work is. */
export interface ProjectSummary extends Entity {
  readonly project: Project;
  readonly role: RoomRole;
  readonly open_tasks: number;
  readonly done_tasks: number;
}

/** `project.create`: Make a project; you become its manager. The client may choose the id. Not for guests. */
export interface ProjectCreate extends Command {
  name: Name;
  id?: Id | null;
  /** Default: `""`. */
  description?: Text;
  /** Default: `"active"`. */
  state?: ProjectState;
}

/** `project.get`: One project. */
export interface ProjectGet extends Command {
  project_id: Id;
}

/** `project.list`: The projects that you are in; workspace admins see all. */
export interface ProjectList extends Command {
  /** Part of a name. */
  query?: Search | null;
  state?: ProjectState | null;
  /** True: the deleted ones that can still be restored. For their managers. Default: `false`. */
  deleted?: boolean;
  /** Default: `"updated_at"`. */
  sort?: ProjectSort;
  /** Default: `true`. */
  descending?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `project.update`: Rename or describe a project. Managers. */
export interface ProjectUpdate extends Command {
  project_id: Id;
  version: Version;
  name?: Name;
  description?: Text;
}

/** `project.transition`: Move a project to another state; only the legal moves. Managers. */
export interface ProjectTransition extends Command {
  project_id: Id;
  state: ProjectState;
  version?: Version | null;
}

/** `project.delete`: Delete a project. It can be restored for 30 days, then it is purged. Managers. */
export interface ProjectDelete extends Command {
  project_id: Id;
  version?: Version | null;
}

/** `project.restore`: Bring a deleted project back. Managers. */
export interface ProjectRestore extends Command {
  project_id: Id;
}

/** `project.members`: Who is in the project, by name. */
export interface ProjectMembers extends Command {
  project_id: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/**
 * `project.set_member`: Add a member of the workspace to the project, or change its role. Managers.
 *
 * With `until` or `task_id` for a time or for one task; what was set before is replaced.
 */
export interface ProjectSetMember extends Command {
  project_id: Id;
  member_id: Id;
  /** Default: `"editor"`. */
  role?: RoomRole;
  until?: Timestamp | null;
  task_id?: Id | null;
}

/** `project.remove_member`: Take a member out of the project. Managers; anyone may leave. The last manager stays. */
export interface ProjectRemoveMember extends Command {
  project_id: Id;
  member_id: Id;
}

/** `project.created`: The first event of a project's room. */
export interface ProjectCreated {
  readonly project: Project;
}

/** `project.updated`: The project changed, also by transition, deletion or restoration; `changes` says in what. */
export interface ProjectUpdated {
  readonly project: Project;
  readonly changes: readonly Change[];
}

/** A piece of work. */
export interface Task extends Entity {
  readonly version: Version;
  readonly project_id: Id;
  readonly title: Title;
  readonly description: Text;
  readonly status: TaskStatus;
  readonly priority: Priority;
  /** Its place: tasks sort by rank, bytewise, then id. */
  readonly rank: string;
  readonly labels: readonly Label[];
  /** Hours of work. */
  readonly estimate: Hours | null;
  readonly due: Day | null;
  readonly parent_id: Id | null;
  readonly assignees: readonly Id[];
  /** Tasks of the same project that must end before this one can start. */
  readonly depends_on: readonly Id[];
  /** Derived: one of `depends_on` is still open. */
  readonly blocked: boolean;
  readonly comment_count: number;
  /** Its name in the system it was imported from; unique in the project. */
  readonly external_id: ExternalId | null;
  readonly created_by: Id;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
  readonly completed_at: Timestamp | null;
}

/** What the end or the reopening of a task changes at one that waits for it. */
export interface TaskBlocked extends Entity {
  readonly blocked: boolean;
}

/** `task.create`: Add a task, at the end unless `before` or `after` says where. Editors. */
export interface TaskCreate extends Command {
  project_id: Id;
  title: Title;
  id?: Id | null;
  /** Default: `""`. */
  description?: Text;
  /** Default: `"todo"`. */
  status?: TaskStatus;
  /** Default: `"none"`. */
  priority?: Priority;
  /** A list of at most 20 items. Default: `[]`. */
  labels?: readonly Label[];
  estimate?: Hours | null;
  due?: Day | null;
  parent_id?: Id | null;
  /** A list of at most 20 items. Default: `[]`. */
  assignees?: readonly Id[];
  external_id?: ExternalId | null;
  before?: Id | null;
  after?: Id | null;
}

/** A task as another system has it. Fields left out stay, or get a new task's defaults. */
export interface ImportedTask {
  readonly external_id: ExternalId;
  /** Required for a task that the project does not have yet. */
  readonly title?: Title;
  readonly description?: Text;
  readonly status?: TaskStatus;
  readonly priority?: Priority;
  /** A list of at most 20 items. */
  readonly labels?: readonly Label[];
  readonly estimate?: Hours | null;
  readonly due?: Day | null;
  /** A list of at most 20 items. */
  readonly assignees?: readonly Id[];
  /** A task of the project or of the same import. */
  readonly parent?: ExternalId | null;
  /** All that it waits for; tasks of the project or of the same import. A list of at most 100 items. */
  readonly depends_on?: readonly ExternalId[];
}

/** What an import did, by external id. */
export interface ImportReport {
  readonly created: readonly ExternalId[];
  readonly updated: readonly ExternalId[];
  readonly unchanged: readonly ExternalId[];
}

/**
 * `task.import`: Make or change many tasks, found by their external ids; all of them, or none. Editors.
 *
 * New ones go to the end, in the order given. Nobody is told that it was assigned.
 */
export interface TaskImport extends Command {
  project_id: Id;
  /** A list of 1 to 500 items. */
  tasks: readonly ImportedTask[];
}

/** `task.get`: One task. */
export interface TaskGet extends Command {
  task_id: Id;
}

/** `task.list`: Tasks of a project. Filters are joined by «and», the values of one by «or». */
export interface TaskList extends Command {
  project_id: Id;
  /** A list of at most 6 items. */
  status?: readonly TaskStatus[] | null;
  /** A list of at most 5 items. */
  priority?: readonly Priority[] | null;
  label?: Label | null;
  assignee?: Id | null;
  parent_id?: Id | null;
  blocked?: boolean | null;
  /** Part of the title. */
  query?: Search | null;
  external_id?: ExternalId | null;
  /** Default: `"rank"`. */
  sort?: TaskSort;
  /** Default: `false`. */
  descending?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `task.update`: Change fields of a task; those left out stay. Editors. */
export interface TaskUpdate extends Command {
  task_id: Id;
  version: Version;
  title?: Title;
  description?: Text;
  status?: TaskStatus;
  priority?: Priority;
  /** A list of at most 20 items. */
  labels?: readonly Label[];
  estimate?: Hours | null;
  due?: Day | null;
  parent_id?: Id | null;
}

/**
 * `task.move`: Give a task another place, and with `status` another column too. Editors.
 *
 * `before` and `after` name neighbours: put it before that one, or after that one. With
 * neither it goes to the end.
 */
export interface TaskMove extends Command {
  task_id: Id;
  before?: Id | null;
  after?: Id | null;
  status?: TaskStatus | null;
  version?: Version | null;
}

/** `task.transition`: Move a task to another status; only the legal moves. Editors. */
export interface TaskTransition extends Command {
  task_id: Id;
  status: TaskStatus;
  version?: Version | null;
}

/** `task.assign`: Set who does a task: people or agents of the project, replacing those before. Editors. */
export interface TaskAssign extends Command {
  task_id: Id;
  /** A list of at most 20 items. */
  assignees: readonly Id[];
  version?: Version | null;
}

/** `task.depend`: Let a task wait for another, or several, of its project. Refused if that closes a cycle. */
export interface TaskDepend extends Command {
  task_id: Id;
  /** A list of 1 to 100 items. */
  on: Id | readonly Id[];
}

/** `task.undepend`: Let a task no longer wait for another, or several. */
export interface TaskUndepend extends Command {
  task_id: Id;
  /** A list of 1 to 100 items. */
  on: Id | readonly Id[];
}

/** `task.comment`: Comment on a task: a message in the project's room that hangs on it. Editors. */
export interface TaskComment extends Command {
  task_id: Id;
  text: Body;
  id?: Id | null;
}

/** `task.delete`: Delete a task. Those that waited for it no longer do; its subtasks move up. Editors. */
export interface TaskDelete extends Command {
  task_id: Id;
  version?: Version | null;
}

/** `task.history`: The events of the log that concern a task, newest first. */
export interface TaskHistory extends Command {
  task_id: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `task.created`: A new task. */
export interface TaskCreated {
  readonly task: Task;
}

/** `task.updated`: Any change of the task itself; `changes` says which fields, from what to what. */
export interface TaskUpdated {
  readonly task: Task;
  readonly changes: readonly Change[];
}

/** `task.blocked`: Another task's end, reopening or deletion made this one free, or blocked it again. */
export interface TaskBlockedChanged {
  readonly task: TaskBlocked;
}

/** `task.deleted`: A task is gone; its `title` stays in the history. */
export interface TaskDeleted {
  readonly task_id: Id;
  readonly title: Title;
}

/** How a node is. */
export interface Health {
  /** `live`, `ready` or `not ready`. */
  readonly status: string;
  /** What readiness stands on, each with `ok` or what is wrong. Default: `{}`. */
  readonly checks?: Readonly<Record<string, string>>;
}

/** What came of a webhook. */
export interface Fired {
  /** The run that it started, now or when it came first. */
  readonly run_id: Id | null;
  /** Why it started none now; empty if it did, or has come before. */
  readonly error: string;
  /** It has come before, and nothing was done again. */
  readonly repeated: boolean;
}

/** Why a run, or an attempt at it, failed. */
export interface RunError {
  readonly cause: ErrorClass;
  /** Text of at most 2,000 characters. */
  readonly message: string;
}

/** What was used up. */
export interface Costs {
  /** Default: `0`. */
  readonly tokens?: Tokens;
  /** Default: `0`. */
  readonly money?: Money;
  /** Default: `0.0`. */
  readonly seconds?: Seconds;
}

/** Work given to an agent. Its input, result, output and questions are had with `run.get`. */
export interface RunInfo extends Entity {
  readonly version: Version;
  readonly project_id: Id;
  /** The task that it is done for; null for calls and runs of triggers. */
  readonly task_id: Id | null;
  /** The task's at the time, or the capability. Text of at most 300 characters. */
  readonly title: string;
  readonly capability: CapabilityName;
  /** The agent that it was given to; null: whichever has the capability. */
  readonly wanted_agent_id: Id | null;
  /** The agent that works on it, or did last. */
  readonly agent_id: Id | null;
  /** The process that has its lease, or is offered it. */
  readonly instance_id: Id | null;
  readonly requested_by: Id;
  /** The run that called for it. */
  readonly parent_id: Id | null;
  /** The run that handed over to it. */
  readonly previous_id: Id | null;
  readonly trigger_id: Id | null;
  /** Calls above it. */
  readonly depth: number;
  readonly state: RunState;
  /** A run that it called and waits for; meanwhile it takes no slot. */
  readonly waiting_for: Id | null;
  /** Somebody has stopped it, and its agent may give one last report. */
  readonly canceling: boolean;
  /** It has shown no progress for too long. */
  readonly stale: boolean;
  /** How many attempts there have been; the number of the present one is its fence. */
  readonly attempt: number;
  /** How many there may be. */
  readonly attempts: number;
  readonly priority: Priority;
  readonly not_before: Timestamp | null;
  readonly deadline: Timestamp | null;
  /** True: its task goes into review when it completes, not to done. */
  readonly review: boolean;
  /** Most that it may cost. */
  readonly budget: Money | null;
  readonly costs: Costs;
  readonly progress: Share | null;
  /** What it is at, in the agent's words. */
  readonly note: Note;
  /** Of the last attempt that failed. */
  readonly error: RunError | null;
  /** Of its result, in the agent's words. */
  readonly summary: Note;
  readonly created_at: Timestamp;
  /** When the first attempt was accepted. */
  readonly started_at: Timestamp | null;
  readonly progress_at: Timestamp | null;
  readonly ended_at: Timestamp | null;
  readonly updated_at: Timestamp;
}

/** A run that has ended. */
export interface EndedRun extends Entity {
  readonly version: Version;
  readonly project_id: Id;
  /** The task that it is done for; null for calls and runs of triggers. */
  readonly task_id: Id | null;
  /** The task's at the time, or the capability. Text of at most 300 characters. */
  readonly title: string;
  readonly capability: CapabilityName;
  /** The agent that it was given to; null: whichever has the capability. */
  readonly wanted_agent_id: Id | null;
  /** The agent that works on it, or did last. */
  readonly agent_id: Id | null;
  /** The process that has its lease, or is offered it. */
  readonly instance_id: Id | null;
  readonly requested_by: Id;
  /** The run that called for it. */
  readonly parent_id: Id | null;
  /** The run that handed over to it. */
  readonly previous_id: Id | null;
  readonly trigger_id: Id | null;
  /** Calls above it. */
  readonly depth: number;
  readonly state: RunState;
  /** A run that it called and waits for; meanwhile it takes no slot. */
  readonly waiting_for: Id | null;
  /** Somebody has stopped it, and its agent may give one last report. */
  readonly canceling: boolean;
  /** It has shown no progress for too long. */
  readonly stale: boolean;
  /** How many attempts there have been; the number of the present one is its fence. */
  readonly attempt: number;
  /** How many there may be. */
  readonly attempts: number;
  readonly priority: Priority;
  readonly not_before: Timestamp | null;
  readonly deadline: Timestamp | null;
  /** True: its task goes into review when it completes, not to done. */
  readonly review: boolean;
  /** Most that it may cost. */
  readonly budget: Money | null;
  readonly costs: Costs;
  readonly progress: Share | null;
  /** What it is at, in the agent's words. */
  readonly note: Note;
  /** Of the last attempt that failed. */
  readonly error: RunError | null;
  /** Of its result, in the agent's words. */
  readonly summary: Note;
  readonly created_at: Timestamp;
  /** When the first attempt was accepted. */
  readonly started_at: Timestamp | null;
  readonly progress_at: Timestamp | null;
  readonly ended_at: Timestamp;
  readonly updated_at: Timestamp;
}

/** What a report of progress changes at a run. */
export interface RunProgressed extends Entity {
  readonly version: Version;
  readonly progress: Share | null;
  readonly note: Note;
  readonly costs: Costs;
  readonly stale: boolean;
  readonly progress_at: Timestamp | null;
  readonly updated_at: Timestamp;
}

/** What output changes at a run: it makes progress. */
export interface RunAlive extends Entity {
  readonly stale: boolean;
  readonly progress_at: Timestamp | null;
}

/** Something that a run made, besides its result. */
export interface Artifact extends Entity {
  readonly run_id: Id;
  readonly name: Name;
  /** Text of 1 to 100 characters. */
  readonly media_type: string;
  readonly bytes: number;
  readonly created_at: Timestamp;
}

/** One attempt at a run. */
export interface Attempt {
  readonly fence: Fence;
  readonly agent_id: Id;
  readonly instance_id: Id;
  readonly host: string;
  readonly offered_at: Timestamp;
  readonly started_at: Timestamp | null;
  readonly ended_at: Timestamp | null;
  readonly outcome: AttemptOutcome | null;
  readonly error: RunError | null;
}

/** All about a run but its output and log lines, which `run.history` has. */
export interface RunDetails extends Entity {
  readonly run: RunInfo;
  readonly input: Json;
  readonly result: unknown;
  readonly attempts: readonly Attempt[];
  readonly questions: readonly Question[];
  readonly artifacts: readonly Artifact[];
  /** The runs that it called for, oldest first. */
  readonly calls: readonly RunInfo[];
  /** Versions of files that it made and that you may see, oldest first. */
  readonly files: readonly FileVersion[];
}

/** What a run that handed over leaves to the next. */
export interface HandedOver {
  readonly run_id: Id;
  readonly agent_id: Id;
  /** Text of at most 20,000 characters. */
  readonly note: string;
  readonly result: unknown;
}

/** The task that a run is done for, as it is now. */
export interface TaskBrief {
  readonly id: Id;
  readonly title: string;
  readonly description: string;
  readonly priority: Priority;
  readonly labels: readonly string[];
}

/** A run for an agent's process: to accept or reject, or, where it is at work on it, to go on with. */
export interface RunOffer {
  readonly run: RunInfo;
  readonly fence: Fence;
  readonly input: Json;
  readonly task: TaskBrief | null;
  readonly handed: HandedOver | null;
  /** Answered questions and approvals of earlier attempts, so that none is asked again. */
  readonly answers: readonly Question[];
  /** Replies of runs that earlier attempts called for, by their `key`. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** `run.offers`: To one process of an agent: runs for it. Also in the reply to its next heartbeat. */
export interface RunOffers {
  readonly instance_id: Id;
  readonly offers: readonly RunOffer[];
}

/** How a run that was called for ended. */
export interface RunReply {
  readonly run_id: Id;
  readonly key: string;
  readonly state: RunState;
  readonly result: unknown;
  readonly error: RunError | null;
}

/** `run.control`: To one process of an agent: news of a run of it. Also in the reply to its next heartbeat. */
export interface RunControl {
  readonly instance_id: Id;
  readonly run_id: Id;
  readonly fence: Fence;
  readonly kind: RunControlKind;
  readonly question?: Question | null;
  readonly reply?: RunReply | null;
}

/**
 * `run.create`: Give work to an agent, or to whichever agent of the project has the capability. Editors.
 *
 * With `task_id` it is done for that task: it starts once nothing blocks the task, which is then in
 * progress, and done when the run completes. Null in `capability`: the first one of `agent_id` whose
 * input the task's own title and description satisfy.
 */
export interface RunCreate extends Command {
  project_id: Id;
  id?: Id | null;
  task_id?: Id | null;
  agent_id?: Id | null;
  capability?: CapabilityName | null;
  /**
   * Must satisfy the capability's schema. What it lacks of the task's title, description, labels, priority
   * and due is filled in where the schema has such a property. Default: `{}`.
   */
  input?: Json;
  /** Null: the task's. */
  priority?: Priority | null;
  not_before?: Timestamp | null;
  deadline?: Timestamp | null;
  /** A whole number from 1 to 20. */
  attempts?: number | null;
  budget?: Money | null;
  /** Default: `false`. */
  review?: boolean;
}

/** `run.get`: One run. */
export interface RunGet extends Command {
  run_id: Id;
}

/** `run.list`: Runs of a project, newest first. Filters are joined by «and», the values of one by «or». */
export interface RunList extends Command {
  project_id: Id;
  task_id?: Id | null;
  agent_id?: Id | null;
  capability?: CapabilityName | null;
  /** A list of at most 8 items. */
  state?: readonly RunState[] | null;
  /** True: only the dead letters: those that failed and were not run again. Default: `false`. */
  dead?: boolean;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/**
 * `run.history`: The events of the log that concern a run: its states, progress, output and log lines.
 *
 * Oldest first: what a replay shows.
 */
export interface RunHistory extends Command {
  run_id: Id;
  cursor?: Cursor | null;
  /** Default: `100`. */
  limit?: PageSize;
}

/** An artifact with what is in it. */
export interface ArtifactContent {
  readonly artifact: Artifact;
  readonly text: string;
}

/** `run.artifact`: What is in an artifact. */
export interface RunArtifactGet extends Command {
  artifact_id: Id;
}

/**
 * `run.cancel`: Stop a run. One that is at work may give one last report; nothing else of it is accepted. Editors.
 *
 * The runs that it called for are stopped with it.
 */
export interface RunCancel extends Command {
  run_id: Id;
  /** Default: `""`. */
  reason?: Note;
}

/** `run.retry`: Run again what has failed or was canceled, as a new run with the same input. Editors. */
export interface RunRetry extends Command {
  run_id: Id;
  /** Null: the same. */
  input?: Json | null;
}

/** How an agent's attempt stands after a report. */
export interface RunStanding {
  readonly state: RunState;
  /** Somebody has stopped it: the next report must be the last. */
  readonly canceling: boolean;
  readonly costs: Costs;
}

/** `run.accept`: As the agent: take an offered run and begin. */
export interface RunAccept extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
}

/**
 * `run.reject`: As the agent: don't take an offered run.
 *
 * It is offered to another; one that was given to this agent alone ends as rejected.
 */
export interface RunReject extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  reason: Note;
}

/** `run.release`: As the agent: hand a run back, for another process to do. Not counted as a failure. */
export interface RunRelease extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Default: `""`. */
  reason?: Note;
}

/**
 * `run.progress`: As the agent: say how far it is, what it is at and what it used up since the last time.
 *
 * `budget_exhausted` if a budget does not bear the costs; the run has then failed.
 */
export interface RunProgress extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  progress?: Share | null;
  note?: Note | null;
  costs?: Costs | null;
}

/** `run.output`: As the agent: add to the run's output. Watchers see it as it comes; whoever comes later sees all. */
export interface RunOutput extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Text of 1 to 32,000 characters. */
  text: string;
  /** Where it begins, in characters, so that none is lost or repeated unseen. A whole number from 0 to 9,007,199,254,740,992. */
  offset: number;
}

/** `run.log`: As the agent: note something in the run's log. */
export interface RunLog extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Text of 1 to 2,000 characters. */
  message: string;
  /** Default: `"info"`. */
  level?: LogLevel;
  data?: Json | null;
}

/** `run.attach`: As the agent: add an artifact, a text of at most 256 KiB. */
export interface RunAttach extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  name: Name;
  /** Text of at most 262,144 characters. */
  text: string;
  /** Text of 1 to 100 characters. Default: `"text/plain"`. */
  media_type?: string;
}

/**
 * `run.complete`: As the agent: the run is done. The result must satisfy the capability's schema. Final.
 *
 * On a run that is being canceled, the last report: it ends as canceled, with this result.
 */
export interface RunComplete extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  result?: unknown;
  /** Default: `""`. */
  summary?: Note;
  costs?: Costs | null;
}

/**
 * `run.fail`: As the agent: the attempt failed. `cause` decides whether there is another.
 *
 * On a run that is being canceled, the last report: it ends as canceled.
 */
export interface RunFail extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Text of 1 to 2,000 characters. */
  message: string;
  /** Default: `"crashed"`. */
  cause?: ErrorClass;
  costs?: Costs | null;
}

/**
 * `run.hand_off`: As the agent: end this run as completed and have another agent go on with its task.
 *
 * The reply is the new run. It gets the note, the result and a way back to this run.
 */
export interface RunHandOff extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  capability: CapabilityName;
  agent_id?: Id | null;
  /** Default: `{}`. */
  input?: Json;
  /** Text of at most 20,000 characters. Default: `""`. */
  note?: string;
  result?: unknown;
}

/**
 * `run.call`: As the agent: have another agent do something. The reply is the run that does it.
 *
 * With `wait`, this run takes no slot until that one has ended. The same `key` gives the same run, so an
 * attempt that begins anew asks nothing twice.
 */
export interface RunCall extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Text of 1 to 200 characters. */
  key: string;
  capability: CapabilityName;
  agent_id?: Id | null;
  /** Default: `{}`. */
  input?: Json;
  deadline?: Timestamp | null;
  budget?: Money | null;
  /** Default: `true`. */
  wait?: boolean;
}

/**
 * `run.claim`: As an agent: take a task that nobody works on and begin, without waiting for an offer.
 *
 * The task must be assigned to nobody, or to this agent. `run_id` instead of `task_id`: a run that waits.
 */
export interface RunClaim extends Command {
  project_id: Id;
  instance_id: Id;
  task_id?: Id | null;
  run_id?: Id | null;
  /** Null: the first that the agent has. */
  capability?: CapabilityName | null;
}

/** `run.created`: New work for an agent. */
export interface RunCreated {
  readonly run: RunInfo;
}

/** `run.updated`: A run stands elsewhere; `cause` says why, `note` says it in words. */
export interface RunUpdated {
  readonly run: RunInfo;
  readonly cause: RunCause;
  readonly note: Note;
}

/** `run.progressed`: An agent said how far it is, or what it has cost. */
export interface RunProgressReported {
  readonly run: RunProgressed;
}

/** `run.ended`: A run has ended, for good. */
export interface RunEnded {
  readonly run_id: Id;
  readonly run: EndedRun;
  readonly note: Note;
}

/** `run.outputted`: A piece of a run's output, from `offset` on, by the attempt `fence`. */
export interface RunOutputted {
  readonly run_id: Id;
  readonly run: RunAlive;
  readonly fence: Fence;
  readonly offset: number;
  readonly text: string;
  /** The run has reached the limit: this is all that is kept. */
  readonly truncated: boolean;
}

/** `run.logged`: A line in a run's log. */
export interface RunLogged {
  readonly run_id: Id;
  readonly fence: Fence;
  readonly level: LogLevel;
  readonly message: string;
  readonly data: Json | null;
}

/** `run.attached`: A run has made an artifact. */
export interface RunAttached {
  readonly artifact: Artifact;
}

/** Something that an agent can do, without its schemas. */
export interface CapabilitySummary {
  readonly name: CapabilityName;
  /** Default: `""`. */
  readonly description?: Note;
  /** Runs of it that the agent does at once, over all its processes. A whole number from 1 to 10,000. Default: `1`. */
  readonly concurrency?: number;
  /** Default: `"free"`. */
  readonly cost?: CostClass;
  /** Default: `"enqueue"`. */
  readonly second?: SecondRun;
}

/** Something that an agent can do. */
export interface Capability {
  readonly name: CapabilityName;
  /** Default: `""`. */
  readonly description?: Note;
  /** Runs of it that the agent does at once, over all its processes. A whole number from 1 to 10,000. Default: `1`. */
  readonly concurrency?: number;
  /** Default: `"free"`. */
  readonly cost?: CostClass;
  /** Default: `"enqueue"`. */
  readonly second?: SecondRun;
  /** What a run's input must satisfy. Default: `{"type": "object"}`. */
  readonly input?: Schema;
  /** What a run's result must satisfy. Default: `{}`. */
  readonly output?: Schema;
  /** What a run is expected to cost: that much is reserved of the budgets before it starts. Default: `0`. */
  readonly estimate?: Money;
  /** Most runs a minute that start. A whole number from 1 to 100,000. */
  readonly rate?: number | null;
  /** Attempts at a run before it is given up, unless the run says otherwise. A whole number from 1 to 20. Default: `3`. */
  readonly attempts?: number;
  /** Seconds without progress after which a run is shown as stale. A whole number from 10 to 86,400. Default: `1800`. */
  readonly stale_after?: number;
}

/** What an agent is, beside its member entity, which has its name; `id` is the member's. */
export interface AgentInfo extends Entity {
  readonly version: Version;
  /** The person who answers for it. */
  readonly owner_id: Id;
  readonly description: Text;
  readonly picture: Emoji | null;
  readonly capabilities: readonly CapabilitySummary[];
  /** The version of its program, as its newest process said. Text of at most 100 characters. */
  readonly software: string;
  readonly retired: boolean;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
}

/** A process of an agent. */
export interface Instance extends Entity {
  /** Text of at most 200 characters. */
  readonly host: string;
  /** Text of at most 100 characters. */
  readonly software: string;
  /** Runs that it takes at once; 0: it is given none and claims what it does. A whole number from 0 to 10,000. */
  readonly capacity: number;
  readonly running: number;
  readonly connected: boolean;
  readonly draining: boolean;
  /** It says of itself that something holds up its event loop. */
  readonly blocked: boolean;
  /** It has let three offers in a row pass; it gets none until it has given a sign for a minute. */
  readonly unresponsive: boolean;
  readonly connected_at: Timestamp;
  readonly seen_at: Timestamp;
}

/** What an agent is doing. */
export interface AgentStatus {
  readonly state: AgentState;
  /** Runs that it is at work on. */
  readonly running: number;
  /** Runs of it that wait for a person or for another agent. */
  readonly waiting: number;
  readonly instances: readonly Instance[];
}

/** An agent with its name and what it is doing. */
export interface AgentView extends Entity {
  readonly agent: AgentInfo;
  readonly member: Member;
  readonly status: AgentStatus;
}

/** What an agent was refused, and how often. */
export interface Fault {
  readonly command: string;
  readonly code: string;
  readonly count: number;
  /** Of the last time. */
  readonly message: string;
  readonly last_at: Timestamp;
}

/** A project that an agent has access to and that you may see. */
export interface Grant {
  readonly project_id: Id;
  readonly project_name: Name;
  readonly role: string;
  readonly until: Timestamp | null;
  readonly task_id: Id | null;
}

/** All about an agent. */
export interface AgentDetails extends Entity {
  readonly agent: AgentInfo;
  readonly member: Member;
  readonly status: AgentStatus;
  readonly capabilities: readonly Capability[];
  readonly grants: readonly Grant[];
  readonly faults: readonly Fault[];
}

/** Agents by name. */
export interface Agents {
  readonly items: readonly AgentView[];
}

/** The new agent. `token` is shown this once and belongs to it alone. */
export interface AgentCreated {
  readonly agent: AgentInfo;
  readonly member: Member;
  readonly token: string;
}

/** An agent's new token, shown this once; the one before is dead. */
export interface AgentToken {
  readonly token: string;
}

/**
 * `agent.register`: Make an agent, owned by you or, as an admin says, by another person. Not for guests.
 *
 * It has access to nothing until a project's manager adds it with `project.set_member`.
 */
export interface AgentRegister extends Command {
  name: Name;
  /** Default: `""`. */
  description?: Text;
  picture?: Emoji | null;
  owner_id?: Id | null;
  /** What it can do; its processes may say it themselves when they connect. A list of at most 50 items. Default: `[]`. */
  capabilities?: readonly Capability[];
}

/** `agent.update`: Rename or describe an agent, or give it to another owner. Its owner; admins. */
export interface AgentUpdate extends Command {
  agent_id: Id;
  version: Version;
  name?: Name;
  description?: Text;
  picture?: Emoji | null;
  owner_id?: Id;
}

/** `agent.rotate_token`: Give an agent another token and end the one it has, with its connections. Its owner; admins. */
export interface AgentRotateToken extends Command {
  agent_id: Id;
}

/** `agent.retire`: End an agent for good: its token, its access and its runs. What it did stays. Its owner; admins. */
export interface AgentRetire extends Command {
  agent_id: Id;
}

/** `agent.get`: One agent. Guests see those they share a project with. */
export interface AgentGet extends Command {
  agent_id: Id;
}

/** `agent.list`: All agents by name; for guests, those they share a project with. */
export interface AgentList extends Command {
  /** Only those with access to it. */
  project_id?: Id | null;
  capability?: CapabilityName | null;
  /** True: only those that are retired. Default: `false`. */
  retired?: boolean;
}

/** A run that a process has. */
export interface HeldRun {
  readonly run_id: Id;
  readonly fence: Fence;
}

/** A process is known. `runs` are those that it has a lease on, or is offered. */
export interface AgentConnected {
  readonly instance: Instance;
  readonly runs: readonly RunOffer[];
  /** Of the runs that it named, those it no longer has. */
  readonly lost: readonly Id[];
  readonly heartbeat_seconds: number;
  readonly lease_seconds: number;
}

/** What a process should know that it may have missed. */
export interface AgentBeat {
  /** Runs that it named and no longer has: it stops them. */
  readonly lost: readonly Id[];
  /** Runs that it has to stop and report on one last time. */
  readonly canceling: readonly Id[];
  /** Runs that waited and go on: what they waited for has come. */
  readonly answered: readonly Id[];
  /** Runs that it is offered, or has, and did not name. */
  readonly runs: readonly RunOffer[];
}

/**
 * `agent.connect`: As an agent: say that this process is there and what it can do, on this connection.
 *
 * After a reconnect the same `instance_id` keeps its leases. Offers arrive as `run.offers`, news of
 * its runs as `run.control`.
 */
export interface AgentConnect extends Command {
  instance_id: Id;
  /** Text of at most 200 characters. Default: `""`. */
  host?: string;
  /** Text of at most 100 characters. Default: `""`. */
  software?: string;
  /** A whole number from 0 to 10,000. Default: `1`. */
  capacity?: number;
  /** All that the agent can do, replacing what it said before; null: as before. A list of at most 50 items. */
  capabilities?: readonly Capability[] | null;
  /** Those that it works on. A list of at most 20,000 items. Default: `[]`. */
  runs?: readonly HeldRun[];
}

/** `agent.heartbeat`: As an agent's process: give a sign, and keep the leases on these runs. */
export interface AgentHeartbeat extends Command {
  instance_id: Id;
  /** A list of at most 20,000 items. Default: `[]`. */
  runs?: readonly HeldRun[];
  /** Something holds up the process's event loop; a run may be at fault. Default: `false`. */
  blocked?: boolean;
}

/** `agent.drain`: As an agent's process: take no more runs; with `leave`, be gone. What it still has is offered anew. */
export interface AgentDrain extends Command {
  instance_id: Id;
  /** Default: `false`. */
  leave?: boolean;
}

/** What became of an agent's runs with one capability that ended on one day, UTC. */
export interface Insight {
  readonly day: Day;
  readonly capability: CapabilityName;
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
  readonly retries: number;
  readonly questions: number;
  /** From start to end. */
  readonly seconds_mean: Seconds;
  readonly seconds_p95: Seconds;
  readonly tokens: Tokens;
  readonly money: Money;
  /** Versions of files that they made. */
  readonly files: number;
  /** Those of them that have a quality score. */
  readonly scored: number;
  /** The mean of these scores, 0 to 100. */
  readonly quality_mean: number | null;
}

/** That one agent asked another for something. */
export interface Collaboration {
  readonly from_agent: Id;
  readonly to_agent: Id;
  /** `call` or `hand_off`. */
  readonly kind: string;
  readonly count: number;
  readonly completed: number;
  readonly last_at: Timestamp;
}

/** How an agent has done. */
export interface AgentInsight {
  readonly days: readonly Insight[];
  readonly collaborations: readonly Collaboration[];
}

/**
 * `agent.insight`: How an agent's runs went, by day and capability, and whom it worked with.
 *
 * Only runs of projects that you may see are counted.
 */
export interface AgentInsightGet extends Command {
  agent_id: Id;
  /** A whole number from 1 to 366. Default: `30`. */
  days?: number;
}

/** `agent.registered`: In the workspace's room: a new agent. */
export interface AgentRegistered {
  readonly agent: AgentInfo;
}

/** `agent.updated`: An agent has another description, owner or program, or was retired. */
export interface AgentUpdated {
  readonly agent: AgentInfo;
}

/**
 * `run.ask`: As the agent: ask a person. The run waits for the answer and takes no slot meanwhile.
 *
 * The same `key` gives the same question, with its answer if there is one.
 */
export interface RunAsk extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  /** Text of 1 to 200 characters. */
  key: string;
  /** Text of 1 to 4,000 characters. */
  prompt: string;
  /** Default: `"text"`. */
  kind?: QuestionKind;
  /** A list of at most 50 items. Default: `[]`. */
  choices?: readonly string[];
  form?: Schema | null;
  /** Text of 1 to 200 characters. */
  action?: string | null;
  arguments?: Json | null;
  ceiling?: Money | null;
  /** Whom to ask; nobody: who gave the run, if that is a person, else everybody who may edit. A list of at most 50 items. Default: `[]`. */
  to?: readonly Id[];
  expires_at?: Timestamp | null;
}

/**
 * `run.use_approval`: As the agent: make use of an approval, right before the action. It serves once.
 *
 * `forbidden` unless it was given, has not expired, is of exactly this action with these arguments, and
 * bears the cost.
 */
export interface RunUseApproval extends Command {
  project_id: Id;
  run_id: Id;
  fence: Fence;
  question_id: Id;
  /** Text of 1 to 200 characters. */
  action: string;
  arguments: Json;
  /** Default: `0`. */
  cost?: Money;
}

/** A run that waits, and why. */
export interface WaitingRun {
  readonly run: RunInfo;
  readonly reason: WaitReason;
  /** The reason in words, with names. */
  readonly note: Note;
  /** When it ends by itself, if that is known. */
  readonly until: Timestamp | null;
}

/** How a project's runs are started; `id` is the project's. */
export interface ProjectQueue extends Entity {
  readonly paused: boolean;
  /** Runs that go on at once; null: as many as the agents take. A whole number from 1 to 10,000. */
  readonly concurrency: number | null;
  readonly updated_at: Timestamp;
}

/** A project's queue. */
export interface QueueView {
  readonly queue: ProjectQueue;
  readonly running: number;
  /** In the order in which they would start. */
  readonly waiting: Page<WaitingRun>;
}

/** `queue.get`: Which runs of a project wait, and why. */
export interface QueueGet extends Command {
  project_id: Id;
  cursor?: Cursor | null;
  /** Default: `50`. */
  limit?: PageSize;
}

/** `queue.set`: Pause a project's queue, let it go on, or limit how many runs go on at once. Managers. */
export interface QueueSet extends Command {
  project_id: Id;
  paused?: boolean;
  /** A whole number from 1 to 10,000. */
  concurrency?: number | null;
}

/** `queue.updated`: A project's queue was paused, goes on, or has another limit. */
export interface QueueUpdated {
  readonly queue: ProjectQueue;
}

/** What clients can ask for, by wire name. */
export interface Commands {
  "member.get": { payload: MemberGet; reply: Member; writes: false };
  "member.list": { payload: MemberList; reply: Page<Member>; writes: false };
  "member.update": { payload: MemberUpdate; reply: Member; writes: true };
  "member.set_role": { payload: MemberSetRole; reply: Member; writes: true };
  "member.remove": { payload: MemberRemove; reply: Member; writes: true };
  "workspace.get": { payload: WorkspaceGet; reply: WorkspaceView; writes: false };
  "workspace.update": { payload: WorkspaceUpdate; reply: Workspace; writes: true };
  "file.list": { payload: FileList; reply: Page<FileInfo>; writes: false };
  "file.folders": { payload: FileFolders; reply: Folders; writes: false };
  "file.get": { payload: FileGet; reply: FileDetails; writes: false };
  "file.adopt": { payload: FileAdopt; reply: FileInfo; writes: true };
  "file.rename": { payload: FileRename; reply: FileInfo; writes: true };
  "file.move": { payload: FileMove; reply: FileInfo; writes: true };
  "file.versions": { payload: FileVersions; reply: Page<FileVersion>; writes: false };
  "file.restore": { payload: FileRestore; reply: FileInfo; writes: true };
  "file.compare": { payload: FileCompare; reply: FileComparison; writes: false };
  "file.pin": { payload: FilePin; reply: FileVersion; writes: true };
  "file.delete": { payload: FileDelete; reply: FileInfo; writes: true };
  "file.undelete": { payload: FileUndelete; reply: FileInfo; writes: true };
  "file.restrict": { payload: FileRestrict; reply: FileInfo; writes: true };
  "file.grant": { payload: FileGrantAccess; reply: FileGrant; writes: true };
  "file.revoke": { payload: FileRevoke; reply: FileGrant; writes: true };
  "file.hold": { payload: FileHold; reply: FileInfo; writes: true };
  "file.search": { payload: FileSearch; reply: FileHits; writes: false };
  "file.similar": { payload: FileSimilar; reply: SimilarFiles; writes: false };
  "file.text": { payload: FileTextGet; reply: FileText; writes: false };
  "file.link": { payload: FileLinkGet; reply: FileLink; writes: false };
  "file.quota": { payload: FileQuotaGet; reply: FileQuota; writes: false };
  "file.set_quota": { payload: FileQuotaSet; reply: Quota; writes: true };
  "question.list": { payload: QuestionList; reply: Page<Question>; writes: false };
  "question.get": { payload: QuestionGet; reply: Question; writes: false };
  "run.answer": { payload: RunAnswer; reply: Question; writes: true };
  "message.send": { payload: MessageSend; reply: Message; writes: true };
  "message.edit": { payload: MessageEdit; reply: Message; writes: true };
  "message.delete": { payload: MessageDelete; reply: Message; writes: true };
  "message.react": { payload: MessageReact; reply: Message; writes: true };
  "room.create": { payload: RoomCreate; reply: Room; writes: true };
  "room.get": { payload: RoomGet; reply: Room; writes: false };
  "room.list": { payload: RoomList; reply: Page<Room>; writes: false };
  "room.update": { payload: RoomUpdate; reply: Room; writes: true };
  "room.join": { payload: RoomJoin; reply: Joined; writes: false };
  "room.unsubscribe": { payload: RoomUnsubscribe; reply: null; writes: false };
  "room.events": { payload: RoomEvents; reply: EventRange; writes: false };
  "room.history": { payload: RoomHistory; reply: Page<Message>; writes: false };
  "room.members": { payload: RoomMembers; reply: Page<Participant>; writes: false };
  "room.add_member": { payload: RoomAddMember; reply: Participant; writes: true };
  "room.remove_member": { payload: RoomRemoveMember; reply: Participant; writes: true };
  "room.leave": { payload: RoomLeave; reply: null; writes: true };
  "room.mark_read": { payload: RoomMarkRead; reply: Membership; writes: true };
  "task.create": { payload: TaskCreate; reply: Task; writes: true };
  "task.import": { payload: TaskImport; reply: ImportReport; writes: true };
  "task.get": { payload: TaskGet; reply: Task; writes: false };
  "task.list": { payload: TaskList; reply: Page<Task>; writes: false };
  "task.update": { payload: TaskUpdate; reply: Task; writes: true };
  "task.move": { payload: TaskMove; reply: Task; writes: true };
  "task.transition": { payload: TaskTransition; reply: Task; writes: true };
  "task.assign": { payload: TaskAssign; reply: Task; writes: true };
  "task.depend": { payload: TaskDepend; reply: Task; writes: true };
  "task.undepend": { payload: TaskUndepend; reply: Task; writes: true };
  "task.comment": { payload: TaskComment; reply: Message; writes: true };
  "task.delete": { payload: TaskDelete; reply: Task; writes: true };
  "task.history": { payload: TaskHistory; reply: Page<LoggedEvent>; writes: false };
  "run.create": { payload: RunCreate; reply: RunInfo; writes: true };
  "run.get": { payload: RunGet; reply: RunDetails; writes: false };
  "run.list": { payload: RunList; reply: Page<RunInfo>; writes: false };
  "run.history": { payload: RunHistory; reply: Page<LoggedEvent>; writes: false };
  "run.artifact": { payload: RunArtifactGet; reply: ArtifactContent; writes: false };
  "run.cancel": { payload: RunCancel; reply: RunInfo; writes: true };
  "run.retry": { payload: RunRetry; reply: RunInfo; writes: true };
  "run.accept": { payload: RunAccept; reply: RunStanding; writes: true };
  "run.reject": { payload: RunReject; reply: RunStanding; writes: true };
  "run.release": { payload: RunRelease; reply: RunStanding; writes: true };
  "run.progress": { payload: RunProgress; reply: RunStanding; writes: true };
  "run.output": { payload: RunOutput; reply: RunStanding; writes: true };
  "run.log": { payload: RunLog; reply: RunStanding; writes: true };
  "run.attach": { payload: RunAttach; reply: Artifact; writes: true };
  "run.complete": { payload: RunComplete; reply: RunInfo; writes: true };
  "run.fail": { payload: RunFail; reply: RunInfo; writes: true };
  "run.hand_off": { payload: RunHandOff; reply: RunInfo; writes: true };
  "run.call": { payload: RunCall; reply: RunInfo; writes: true };
  "run.claim": { payload: RunClaim; reply: RunOffer; writes: true };
  "agent.register": { payload: AgentRegister; reply: AgentCreated; writes: true };
  "agent.update": { payload: AgentUpdate; reply: AgentInfo; writes: true };
  "agent.rotate_token": { payload: AgentRotateToken; reply: AgentToken; writes: true };
  "agent.retire": { payload: AgentRetire; reply: AgentInfo; writes: true };
  "agent.get": { payload: AgentGet; reply: AgentDetails; writes: false };
  "agent.list": { payload: AgentList; reply: Agents; writes: false };
  "agent.connect": { payload: AgentConnect; reply: AgentConnected; writes: false };
  "agent.heartbeat": { payload: AgentHeartbeat; reply: AgentBeat; writes: false };
  "agent.drain": { payload: AgentDrain; reply: null; writes: false };
  "agent.insight": { payload: AgentInsightGet; reply: AgentInsight; writes: false };
  "run.ask": { payload: RunAsk; reply: Question; writes: true };
  "run.use_approval": { payload: RunUseApproval; reply: Question; writes: true };
  "budget.list": { payload: BudgetList; reply: Budgets; writes: false };
  "budget.set": { payload: BudgetSet; reply: Budgets; writes: true };
  "identity.publish": { payload: IdentityPublish; reply: Identity; writes: true };
  "identity.list": { payload: IdentityList; reply: readonly Identity[]; writes: false };
  "identity.chain": { payload: IdentityChain; reply: Chain; writes: false };
  "pairing.send": { payload: PairingSend; reply: Pairing; writes: false };
  "pairing.list": { payload: PairingList; reply: readonly Pairing[]; writes: false };
  "backup.put": { payload: BackupPut; reply: null; writes: true };
  "backup.get": { payload: BackupGet; reply: Backup; writes: false };
  "notification.list": { payload: NotificationList; reply: Page<Notification>; writes: false };
  "invitation.create": { payload: InvitationCreate; reply: InvitationCreated; writes: true };
  "invitation.get": { payload: InvitationGet; reply: Invitation; writes: false };
  "invitation.list": { payload: InvitationList; reply: Page<Invitation>; writes: false };
  "invitation.update": { payload: InvitationUpdate; reply: Invitation; writes: true };
  "invitation.remove": { payload: InvitationRemove; reply: Invitation; writes: true };
  "presence.set": { payload: PresenceSet; reply: null; writes: false };
  "presence.list": { payload: PresenceList; reply: Presence; writes: false };
  "typing.set": { payload: TypingSet; reply: null; writes: false };
  "project.create": { payload: ProjectCreate; reply: Project; writes: true };
  "project.get": { payload: ProjectGet; reply: Project; writes: false };
  "project.list": { payload: ProjectList; reply: Page<ProjectSummary>; writes: false };
  "project.update": { payload: ProjectUpdate; reply: Project; writes: true };
  "project.transition": { payload: ProjectTransition; reply: Project; writes: true };
  "project.delete": { payload: ProjectDelete; reply: Project; writes: true };
  "project.restore": { payload: ProjectRestore; reply: Project; writes: true };
  "project.members": { payload: ProjectMembers; reply: Page<Participant>; writes: false };
  "project.set_member": { payload: ProjectSetMember; reply: Participant; writes: true };
  "project.remove_member": { payload: ProjectRemoveMember; reply: Participant; writes: true };
  "queue.get": { payload: QueueGet; reply: QueueView; writes: false };
  "queue.set": { payload: QueueSet; reply: ProjectQueue; writes: true };
  "sealed.create": { payload: SealedCreate; reply: SealedRoom; writes: true };
  "sealed.get": { payload: SealedGet; reply: SealedRoom; writes: false };
  "sealed.commit": { payload: SealedCommit; reply: Posted; writes: true };
  "sealed.post": { payload: SealedPost; reply: Posted; writes: false };
  "sealed.items": { payload: SealedItems; reply: Items; writes: false };
  "sealed.boxes": { payload: SealedBoxes; reply: readonly DeviceBox[]; writes: false };
  "sealed.grant": { payload: SealedGrant; reply: null; writes: false };
  "sealed.want": { payload: SealedWant; reply: null; writes: false };
  "sealed.wants": { payload: SealedWants; reply: readonly Want[]; writes: false };
  "sealed.whisper": { payload: SealedWhisper; reply: null; writes: false };
  "sealed.discard": { payload: SealedDiscard; reply: null; writes: true };
  "sealed_invite.create": { payload: SealedInviteCreate; reply: SealedInvite; writes: true };
  "sealed_invite.get": { payload: SealedInviteGet; reply: SealedInvite; writes: false };
  "sealed_invite.answer": { payload: SealedInviteAnswer; reply: JoinRequest; writes: true };
  "sealed_invite.requests": { payload: SealedInviteRequests; reply: readonly JoinRequest[]; writes: false };
  "sealed_invite.close": { payload: SealedInviteClose; reply: null; writes: true };
  "sealed_invite.dismiss": { payload: SealedInviteDismiss; reply: null; writes: true };
  "session.refresh": { payload: SessionRefresh; reply: Refreshed; writes: false };
  "trigger.create": { payload: TriggerCreate; reply: TriggerMade; writes: true };
  "trigger.update": { payload: TriggerUpdate; reply: Trigger; writes: true };
  "trigger.delete": { payload: TriggerDelete; reply: Trigger; writes: true };
  "trigger.rotate_secret": { payload: TriggerRotateSecret; reply: TriggerMade; writes: true };
  "trigger.list": { payload: TriggerList; reply: Page<Trigger>; writes: false };
}

/** What stands in rooms' logs: the type of `data` by event type. */
export interface Events {
  "member.added": MemberAdded;
  "member.updated": MemberUpdated;
  "member.removed": MemberRemoved;
  "workspace.updated": WorkspaceUpdated;
  "file.created": FileCreated;
  "file.updated": FileUpdated;
  "file.removed": FileRemoved;
  "question.asked": QuestionAsked;
  "question.closed": QuestionClosed;
  "approval.used": ApprovalUsed;
  "message.sent": MessageSent;
  "message.updated": MessageUpdated;
  "room.created": RoomCreated;
  "room.updated": RoomUpdated;
  "participant.added": ParticipantAdded;
  "participant.removed": ParticipantRemoved;
  "membership.updated": MembershipUpdated;
  "membership.removed": MembershipRemoved;
  "task.created": TaskCreated;
  "task.updated": TaskUpdated;
  "task.blocked": TaskBlockedChanged;
  "task.deleted": TaskDeleted;
  "run.created": RunCreated;
  "run.updated": RunUpdated;
  "run.progressed": RunProgressReported;
  "run.ended": RunEnded;
  "run.outputted": RunOutputted;
  "run.logged": RunLogged;
  "run.attached": RunAttached;
  "agent.registered": AgentRegistered;
  "agent.updated": AgentUpdated;
  "notification.added": NotificationAdded;
  "project.created": ProjectCreated;
  "project.updated": ProjectUpdated;
  "queue.updated": QueueUpdated;
  "commit.posted": CommitPosted;
  "envelope.posted": EnvelopePosted;
  "session.revoked": SessionRevoked;
  "trigger.created": TriggerCreated;
  "trigger.updated": TriggerUpdated;
  "trigger.deleted": TriggerDeleted;
}

/** Server messages outside the logs, by Socket.IO event name. */
export interface Ephemera {
  "run.offers": RunOffers;
  "run.control": RunControl;
  "identity.extended": IdentityExtended;
  "pairing.sent": PairingSent;
  presence: Presence;
  typing: Typing;
  heads: Heads;
  lagging: Lagging;
  closing: Closing;
  "sealed.whispered": SealedWhispered;
  "sealed.granted": SealedGranted;
  "sealed.wanted": SealedWanted;
  "sealed_invite.answered": SealedInviteAnswered;
  ready: Ready;
}

/** What a room's state holds, by collection. */
export interface Collections {
  members: Member;
  workspaces: Workspace;
  questions: Question;
  messages: Message;
  rooms: Room;
  participants: Participant;
  memberships: Membership;
  tasks: Task;
  runs: RunInfo;
  ended_runs: EndedRun;
  agents: AgentInfo;
  notifications: Notification;
  projects: Project;
  queues: ProjectQueue;
  triggers: Trigger;
}

export type CommandName = keyof Commands;
export type EventType = keyof Events;
export type CollectionName = keyof Collections;

/** One step of an event's fold into the state of its room. A null or absent field is a no-op. */
export interface Fold {
  /** `put` an entity under its id, `patch` the entity with that id, or `drop` the one of that id. */
  readonly step: "put" | "patch" | "drop";
  readonly collection: CollectionName;
  /** The field of the event's data that holds the entity, the changes or the id. */
  readonly field: string;
}

/** How a room keeps a collection: all of it, or the newest `window` by (`order`, `id`). */
export interface CollectionRule {
  readonly window: number | null;
  readonly order: string | null;
}

/** The ack of a command. */
export type Ack<R> = { ok: true; result: R } | { ok: false; error: ErrorBody };

/** Commands that change something: they carry a `command_id` and are kept until answered. */
export const WRITES: ReadonlySet<string> = new Set<CommandName>([
  "member.update",
  "member.set_role",
  "member.remove",
  "workspace.update",
  "file.adopt",
  "file.rename",
  "file.move",
  "file.restore",
  "file.pin",
  "file.delete",
  "file.undelete",
  "file.restrict",
  "file.grant",
  "file.revoke",
  "file.hold",
  "file.set_quota",
  "run.answer",
  "message.send",
  "message.edit",
  "message.delete",
  "message.react",
  "room.create",
  "room.update",
  "room.add_member",
  "room.remove_member",
  "room.leave",
  "room.mark_read",
  "task.create",
  "task.import",
  "task.update",
  "task.move",
  "task.transition",
  "task.assign",
  "task.depend",
  "task.undepend",
  "task.comment",
  "task.delete",
  "run.create",
  "run.cancel",
  "run.retry",
  "run.accept",
  "run.reject",
  "run.release",
  "run.progress",
  "run.output",
  "run.log",
  "run.attach",
  "run.complete",
  "run.fail",
  "run.hand_off",
  "run.call",
  "run.claim",
  "agent.register",
  "agent.update",
  "agent.rotate_token",
  "agent.retire",
  "run.ask",
  "run.use_approval",
  "budget.set",
  "identity.publish",
  "backup.put",
  "invitation.create",
  "invitation.update",
  "invitation.remove",
  "project.create",
  "project.update",
  "project.transition",
  "project.delete",
  "project.restore",
  "project.set_member",
  "project.remove_member",
  "queue.set",
  "sealed.create",
  "sealed.commit",
  "sealed.discard",
  "sealed_invite.create",
  "sealed_invite.answer",
  "sealed_invite.close",
  "sealed_invite.dismiss",
  "trigger.create",
  "trigger.update",
  "trigger.delete",
  "trigger.rotate_secret",
]);

/** Codes after which the same request, unchanged, may succeed later. */
export const RETRYABLE: ReadonlySet<string> = new Set<ErrorCode>([
  "deadline_exceeded",
  "internal",
  "rate_limited",
  "token_expired",
  "unavailable",
]);

/** How each event folds into the state of its room; one that is not here leaves it as it is. */
export const FOLDS: Readonly<Record<string, readonly Fold[]>> = {
  "member.added": [{ step: "put", collection: "members", field: "member" }],
  "member.updated": [{ step: "put", collection: "members", field: "member" }],
  "member.removed": [{ step: "put", collection: "members", field: "member" }],
  "workspace.updated": [{ step: "put", collection: "workspaces", field: "workspace" }],
  "file.created": [],
  "file.updated": [],
  "file.removed": [],
  "question.asked": [{ step: "put", collection: "questions", field: "question" }],
  "question.closed": [{ step: "drop", collection: "questions", field: "question_id" }],
  "approval.used": [],
  "message.sent": [
    { step: "put", collection: "messages", field: "message" },
    { step: "patch", collection: "messages", field: "thread" },
    { step: "patch", collection: "tasks", field: "task" },
  ],
  "message.updated": [{ step: "put", collection: "messages", field: "message" }],
  "room.created": [{ step: "put", collection: "rooms", field: "room" }],
  "room.updated": [{ step: "put", collection: "rooms", field: "room" }],
  "participant.added": [{ step: "put", collection: "participants", field: "participant" }],
  "participant.removed": [{ step: "drop", collection: "participants", field: "member_id" }],
  "membership.updated": [{ step: "put", collection: "memberships", field: "membership" }],
  "membership.removed": [{ step: "drop", collection: "memberships", field: "room_id" }],
  "task.created": [{ step: "put", collection: "tasks", field: "task" }],
  "task.updated": [{ step: "put", collection: "tasks", field: "task" }],
  "task.blocked": [{ step: "patch", collection: "tasks", field: "task" }],
  "task.deleted": [{ step: "drop", collection: "tasks", field: "task_id" }],
  "run.created": [{ step: "put", collection: "runs", field: "run" }],
  "run.updated": [{ step: "put", collection: "runs", field: "run" }],
  "run.progressed": [{ step: "patch", collection: "runs", field: "run" }],
  "run.ended": [
    { step: "drop", collection: "runs", field: "run_id" },
    { step: "put", collection: "ended_runs", field: "run" },
  ],
  "run.outputted": [{ step: "patch", collection: "runs", field: "run" }],
  "run.logged": [],
  "run.attached": [],
  "agent.registered": [{ step: "put", collection: "agents", field: "agent" }],
  "agent.updated": [{ step: "put", collection: "agents", field: "agent" }],
  "notification.added": [{ step: "put", collection: "notifications", field: "notification" }],
  "project.created": [{ step: "put", collection: "projects", field: "project" }],
  "project.updated": [{ step: "put", collection: "projects", field: "project" }],
  "queue.updated": [{ step: "put", collection: "queues", field: "queue" }],
  "commit.posted": [],
  "envelope.posted": [],
  "session.revoked": [],
  "trigger.created": [{ step: "put", collection: "triggers", field: "trigger" }],
  "trigger.updated": [{ step: "put", collection: "triggers", field: "trigger" }],
  "trigger.deleted": [{ step: "drop", collection: "triggers", field: "trigger_id" }],
};

/** The collections of rooms' states. */
export const COLLECTIONS: Readonly<Record<CollectionName, CollectionRule>> = {
  members: { window: null, order: null },
  workspaces: { window: null, order: null },
  questions: { window: null, order: null },
  messages: { window: 100, order: "seq" },
  rooms: { window: null, order: null },
  participants: { window: null, order: null },
  memberships: { window: null, order: null },
  tasks: { window: null, order: null },
  runs: { window: null, order: null },
  ended_runs: { window: 100, order: "ended_at" },
  agents: { window: null, order: null },
  notifications: { window: 100, order: "seq" },
  projects: { window: null, order: null },
  queues: { window: null, order: null },
  triggers: { window: null, order: null },
};

/** The legal moves of a `ProjectState`. */
export const PROJECT_MOVES: Readonly<Record<ProjectState, readonly ProjectState[]>> = {
  draft: ["active", "archived"],
  active: ["on_hold", "completed", "archived"],
  on_hold: ["active", "archived"],
  completed: ["active", "archived"],
  archived: ["active"],
};

/** The legal moves of a `TaskStatus`. */
export const TASK_MOVES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  backlog: ["todo", "in_progress", "in_review", "done", "canceled"],
  todo: ["backlog", "in_progress", "in_review", "done", "canceled"],
  in_progress: ["backlog", "todo", "in_review", "done", "canceled"],
  in_review: ["backlog", "todo", "in_progress", "done", "canceled"],
  done: ["backlog", "todo", "in_progress"],
  canceled: ["backlog", "todo"],
};
