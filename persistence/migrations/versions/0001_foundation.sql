CREATE TABLE workspace (
    id uuid PRIMARY KEY,
    singleton boolean NOT NULL DEFAULT true UNIQUE CHECK (singleton),
    version integer NOT NULL DEFAULT 1,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    generation uuid NOT NULL,
    fingerprint text NOT NULL,
    setup_hash bytea,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN workspace.generation IS 'Identity of the event log; new after a restore';
COMMENT ON COLUMN workspace.fingerprint IS 'Of the database cluster that generation belongs to';
COMMENT ON COLUMN workspace.setup_hash IS 'Of the secret that makes the first account; null once it was used';

CREATE TABLE members (
    id uuid PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    kind text NOT NULL CHECK (kind IN ('person', 'agent')),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('guest', 'member', 'admin', 'owner')),
    email text,
    password_hash text,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX members_email_key ON members (lower(email)) WHERE active;
CREATE INDEX members_name ON members (name, id);

-- A sign-in: one family of rotating refresh tokens.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    refresh_hash bytea NOT NULL,
    rotated_at timestamptz NOT NULL,
    confirmed boolean NOT NULL DEFAULT true,
    address text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON COLUMN sessions.confirmed IS
    'The newest access token was used, so the refresh token before the newest is dead';
CREATE INDEX sessions_member ON sessions (member_id);

CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    name text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    hash bytea NOT NULL UNIQUE,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX tokens_member ON tokens (member_id);

CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retires_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE signing_keys IS 'Ed25519; signs until retires_at, verifies until expires_at';

CREATE TABLE rooms (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('workspace', 'project', 'channel', 'direct', 'inbox')),
    version integer NOT NULL DEFAULT 1,
    head_seq bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    topic text NOT NULL DEFAULT '',
    private boolean NOT NULL DEFAULT true,
    archived boolean NOT NULL DEFAULT false,
    direct_key text,
    created_by uuid REFERENCES members,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX rooms_channel_name_key ON rooms (lower(name))
    WHERE kind = 'channel' AND NOT private AND NOT archived;
CREATE UNIQUE INDEX rooms_direct_key ON rooms (direct_key) WHERE direct_key IS NOT NULL;
CREATE INDEX rooms_name ON rooms (name, id) WHERE kind IN ('channel', 'direct');

CREATE TABLE room_members (
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'editor', 'manager')),
    read_seq bigint NOT NULL DEFAULT 0,
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, member_id)
);
CREATE INDEX room_members_member ON room_members (member_id, room_id);

-- The log. seq has no gaps: it is taken under the row lock of its room.
CREATE TABLE events (
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    entity_id uuid,
    data json NOT NULL,
    PRIMARY KEY (room_id, seq)
);
CREATE INDEX events_entity ON events (room_id, entity_id, seq DESC) WHERE entity_id IS NOT NULL;

CREATE TABLE commands (
    actor_id uuid NOT NULL,
    command_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    reply json,
    at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, command_id)
);
CREATE INDEX commands_at ON commands (at);
COMMENT ON TABLE commands IS 'Carried-out commands and their replies, so that resending one is harmless';

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    secret_hash bytea NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('guest', 'member', 'admin', 'owner')),
    email text,
    project_id uuid REFERENCES rooms ON DELETE CASCADE,
    project_role text CHECK (project_role IN ('viewer', 'editor', 'manager')),
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by uuid REFERENCES members,
    removed_at timestamptz
);

CREATE TABLE projects (
    id uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
    version integer NOT NULL DEFAULT 1,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('draft', 'active', 'on_hold', 'completed', 'archived')),
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    purge_at timestamptz
);
CREATE INDEX projects_purge ON projects (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    version integer NOT NULL DEFAULT 1,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (
        status IN ('backlog', 'todo', 'in_progress', 'in_review', 'done', 'canceled')
    ),
    priority text NOT NULL CHECK (priority IN ('none', 'low', 'medium', 'high', 'urgent')),
    rank text COLLATE "C" NOT NULL,
    labels text[] NOT NULL DEFAULT '{}',
    estimate double precision,
    due date,
    parent_id uuid REFERENCES tasks,
    assignees uuid[] NOT NULL DEFAULT '{}',
    comment_count integer NOT NULL DEFAULT 0,
    external_id text,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT tasks_rank_key UNIQUE (project_id, rank),
    CONSTRAINT tasks_external_id_key UNIQUE (project_id, external_id)
);
CREATE INDEX tasks_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_status ON tasks (project_id, status);

CREATE TABLE task_dependencies (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    depends_on uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    PRIMARY KEY (task_id, depends_on),
    CHECK (task_id <> depends_on)
);
CREATE INDEX task_dependencies_reverse ON task_dependencies (depends_on);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq bigint NOT NULL,
    version integer NOT NULL DEFAULT 1,
    author_id uuid NOT NULL REFERENCES members,
    text text NOT NULL,
    thread_id uuid REFERENCES messages,
    task_id uuid,
    mentions uuid[] NOT NULL DEFAULT '{}',
    reply_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    deleted boolean NOT NULL DEFAULT false,
    UNIQUE (room_id, seq)
);
COMMENT ON COLUMN messages.task_id IS 'Outlives the task: what was said stays as it was said';
CREATE INDEX messages_thread ON messages (thread_id, seq) WHERE thread_id IS NOT NULL;
CREATE INDEX messages_task ON messages (task_id, seq) WHERE task_id IS NOT NULL;

CREATE TABLE reactions (
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    emoji text NOT NULL,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    at timestamptz NOT NULL,
    PRIMARY KEY (message_id, emoji, member_id)
);

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('mention', 'assigned', 'reply', 'comment')),
    room uuid NOT NULL,
    actor_id uuid NOT NULL,
    message_id uuid,
    task_id uuid,
    excerpt text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (member_id, seq)
);
