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

/** How long a deleted project can be restored. */
export const DELETE_GRACE_DAYS = 30;

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

/** Why something concerns you. */
export type NotificationKind = "mention" | "assigned" | "reply" | "comment";

/** Whether a member is a human or a program. */
export type MemberKind = "person" | "agent";

/** What a list of members can be sorted by. */
export type MemberSort = "name" | "created_at";

/** How reachable a member is. */
export type PresenceStatus = "online" | "away" | "busy";

/** What a room belongs to. */
export type RoomKind = "workspace" | "project" | "channel" | "direct" | "inbox";

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
}

/** What an answer changes at the message that opened its thread. */
export interface ThreadSummary extends Entity {
  readonly reply_count: number;
}

/** What a comment changes at its task. */
export interface CommentSummary extends Entity {
  readonly comment_count: number;
}

/** `message.send`: Say something in a room. `@[name](id)` mentions a member, into whose inbox it goes. */
export interface MessageSend extends Command {
  room: Id;
  text: Body;
  id?: Id | null;
  thread_id?: Id | null;
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

/** `project.set_member`: Add a member of the workspace to the project, or change its role. Managers. */
export interface ProjectSetMember extends Command {
  project_id: Id;
  member_id: Id;
  /** Default: `"editor"`. */
  role?: RoomRole;
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

/** What clients can ask for, by wire name. */
export interface Commands {
  "member.get": { payload: MemberGet; reply: Member; writes: false };
  "member.list": { payload: MemberList; reply: Page<Member>; writes: false };
  "member.update": { payload: MemberUpdate; reply: Member; writes: true };
  "member.set_role": { payload: MemberSetRole; reply: Member; writes: true };
  "member.remove": { payload: MemberRemove; reply: Member; writes: true };
  "workspace.get": { payload: WorkspaceGet; reply: WorkspaceView; writes: false };
  "workspace.update": { payload: WorkspaceUpdate; reply: Workspace; writes: true };
  "notification.list": { payload: NotificationList; reply: Page<Notification>; writes: false };
  "invitation.create": { payload: InvitationCreate; reply: InvitationCreated; writes: true };
  "invitation.get": { payload: InvitationGet; reply: Invitation; writes: false };
  "invitation.list": { payload: InvitationList; reply: Page<Invitation>; writes: false };
  "invitation.update": { payload: InvitationUpdate; reply: Invitation; writes: true };
  "invitation.remove": { payload: InvitationRemove; reply: Invitation; writes: true };
  "message.send": { payload: MessageSend; reply: Message; writes: true };
  "message.edit": { payload: MessageEdit; reply: Message; writes: true };
  "message.delete": { payload: MessageDelete; reply: Message; writes: true };
  "message.react": { payload: MessageReact; reply: Message; writes: true };
  "presence.set": { payload: PresenceSet; reply: null; writes: false };
  "presence.list": { payload: PresenceList; reply: Presence; writes: false };
  "typing.set": { payload: TypingSet; reply: null; writes: false };
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
  "session.refresh": { payload: SessionRefresh; reply: Refreshed; writes: false };
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
}

/** What stands in rooms' logs: the type of `data` by event type. */
export interface Events {
  "member.added": MemberAdded;
  "member.updated": MemberUpdated;
  "member.removed": MemberRemoved;
  "workspace.updated": WorkspaceUpdated;
  "notification.added": NotificationAdded;
  "message.sent": MessageSent;
  "message.updated": MessageUpdated;
  "room.created": RoomCreated;
  "room.updated": RoomUpdated;
  "participant.added": ParticipantAdded;
  "participant.removed": ParticipantRemoved;
  "membership.updated": MembershipUpdated;
  "membership.removed": MembershipRemoved;
  "project.created": ProjectCreated;
  "project.updated": ProjectUpdated;
  "session.revoked": SessionRevoked;
  "task.created": TaskCreated;
  "task.updated": TaskUpdated;
  "task.blocked": TaskBlockedChanged;
  "task.deleted": TaskDeleted;
}

/** Server messages outside the logs, by Socket.IO event name. */
export interface Ephemera {
  presence: Presence;
  typing: Typing;
  heads: Heads;
  lagging: Lagging;
  closing: Closing;
  ready: Ready;
}

/** What a room's state holds, by collection. */
export interface Collections {
  members: Member;
  workspaces: Workspace;
  notifications: Notification;
  messages: Message;
  rooms: Room;
  participants: Participant;
  memberships: Membership;
  projects: Project;
  tasks: Task;
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
  "invitation.create",
  "invitation.update",
  "invitation.remove",
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
  "project.create",
  "project.update",
  "project.transition",
  "project.delete",
  "project.restore",
  "project.set_member",
  "project.remove_member",
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
  "notification.added": [{ step: "put", collection: "notifications", field: "notification" }],
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
  "project.created": [{ step: "put", collection: "projects", field: "project" }],
  "project.updated": [{ step: "put", collection: "projects", field: "project" }],
  "session.revoked": [],
  "task.created": [{ step: "put", collection: "tasks", field: "task" }],
  "task.updated": [{ step: "put", collection: "tasks", field: "task" }],
  "task.blocked": [{ step: "patch", collection: "tasks", field: "task" }],
  "task.deleted": [{ step: "drop", collection: "tasks", field: "task_id" }],
};

/** The collections of rooms' states. */
export const COLLECTIONS: Readonly<Record<CollectionName, CollectionRule>> = {
  members: { window: null, order: null },
  workspaces: { window: null, order: null },
  notifications: { window: 100, order: "seq" },
  messages: { window: 100, order: "seq" },
  rooms: { window: null, order: null },
  participants: { window: null, order: null },
  memberships: { window: null, order: null },
  projects: { window: null, order: null },
  tasks: { window: null, order: null },
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
