ALTER TABLE room_members ADD COLUMN until timestamptz, ADD COLUMN task_id uuid;
CREATE INDEX room_members_until ON room_members (until) WHERE until IS NOT NULL;
CREATE INDEX room_members_task ON room_members (task_id) WHERE task_id IS NOT NULL;
COMMENT ON COLUMN room_members.task_id IS 'The membership is for this task alone and ends with it';

ALTER TABLE notifications
    ADD COLUMN run_id uuid,
    ADD COLUMN question_id uuid,
    DROP CONSTRAINT notifications_kind_check,
    ADD CONSTRAINT notifications_kind_check CHECK (
        kind IN ('mention', 'assigned', 'reply', 'comment', 'question', 'run_failed')
    );

CREATE TABLE agents (
    id uuid PRIMARY KEY REFERENCES members ON DELETE CASCADE,
    version integer NOT NULL DEFAULT 1,
    owner_id uuid NOT NULL REFERENCES members,
    description text NOT NULL DEFAULT '',
    picture text,
    software text NOT NULL DEFAULT '',
    seen boolean NOT NULL DEFAULT false,
    retired boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN agents.seen IS 'A process of it has connected, some time';
CREATE INDEX agents_owner ON agents (owner_id);

CREATE TABLE capabilities (
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    name text NOT NULL,
    place integer NOT NULL,
    description text NOT NULL,
    input json NOT NULL,
    output json NOT NULL,
    concurrency integer NOT NULL,
    cost text NOT NULL CHECK (cost IN ('free', 'low', 'medium', 'high')),
    second text NOT NULL CHECK (second IN ('reject', 'enqueue', 'interrupt', 'restart')),
    estimate bigint NOT NULL,
    rate integer,
    attempts integer NOT NULL,
    stale_after integer NOT NULL,
    PRIMARY KEY (agent_id, name)
);
CREATE INDEX capabilities_name ON capabilities (name, agent_id);

CREATE TABLE instances (
    id uuid PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    host text NOT NULL,
    software text NOT NULL,
    capacity integer NOT NULL,
    connection text,
    draining boolean NOT NULL DEFAULT false,
    blocked boolean NOT NULL DEFAULT false,
    missed integer NOT NULL DEFAULT 0,
    missed_at timestamptz,
    connected_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON COLUMN instances.connection IS 'The connection that it came by last; null once that has closed';
COMMENT ON COLUMN instances.missed IS 'Offers in a row that it let pass';
CREATE INDEX instances_agent ON instances (agent_id);

CREATE TABLE faults (
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    command text NOT NULL,
    code text NOT NULL,
    count bigint NOT NULL,
    message text NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, command, code)
);
COMMENT ON TABLE faults IS 'What agents were refused';

CREATE TABLE runs (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    task_id uuid,
    title text NOT NULL,
    capability text NOT NULL,
    wanted_agent_id uuid REFERENCES members,
    agent_id uuid REFERENCES members,
    instance_id uuid,
    requested_by uuid NOT NULL REFERENCES members,
    parent_id uuid REFERENCES runs ON DELETE CASCADE,
    previous_id uuid,
    retried_by uuid,
    trigger_id uuid,
    root_id uuid NOT NULL,
    call_key text,
    depth integer NOT NULL,
    state text NOT NULL CHECK (
        state IN (
            'submitted', 'working', 'input-required', 'auth-required',
            'completed', 'failed', 'canceled', 'rejected'
        )
    ),
    waiting_for uuid,
    canceling boolean NOT NULL DEFAULT false,
    stale boolean NOT NULL DEFAULT false,
    blocked boolean NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL,
    spared integer NOT NULL DEFAULT 0,
    priority text NOT NULL CHECK (priority IN ('none', 'low', 'medium', 'high', 'urgent')),
    urgency integer NOT NULL GENERATED ALWAYS AS (
        array_position(ARRAY['urgent', 'high', 'medium', 'low', 'none'], priority)
    ) STORED,
    not_before timestamptz,
    deadline timestamptz,
    stale_after integer NOT NULL,
    review boolean NOT NULL,
    budget bigint,
    estimate bigint NOT NULL,
    costs json NOT NULL,
    progress double precision,
    note text NOT NULL DEFAULT '',
    error json,
    summary text NOT NULL DEFAULT '',
    reports integer NOT NULL DEFAULT 0,
    output_end bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    final_by timestamptz,
    offered_at timestamptz,
    input json NOT NULL,
    result json,
    handed json,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    progress_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (parent_id, call_key)
) WITH (fillfactor = 60);
COMMENT ON COLUMN runs.blocked IS 'Its task waits for others; follows tasks.blocked';
COMMENT ON COLUMN runs.spared IS 'Attempts that do not count: handed back, or ended while it waited';
COMMENT ON COLUMN runs.lease_until IS 'Null while no process has it';
COMMENT ON COLUMN runs.final_by IS 'While it is being canceled: when its last report must have come';
COMMENT ON COLUMN runs.reports IS 'Log lines and progress reports, which are limited';
COMMENT ON COLUMN runs.output_end IS 'Characters of output so far';
CREATE INDEX runs_ready ON runs (
    project_id, capability, coalesce(wanted_agent_id, '00000000-0000-0000-0000-000000000000'), urgency, created_at
) WHERE state = 'submitted' AND instance_id IS NULL AND NOT blocked;
CREATE INDEX runs_live ON runs (project_id, id) WHERE ended_at IS NULL;
CREATE INDEX runs_project ON runs (project_id, created_at, id);
CREATE INDEX runs_dead ON runs (project_id, created_at, id) WHERE state = 'failed' AND retried_by IS NULL;
CREATE INDEX runs_wanted ON runs (wanted_agent_id) WHERE wanted_agent_id IS NOT NULL AND ended_at IS NULL;
CREATE INDEX runs_ended ON runs (project_id, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX runs_task ON runs (task_id, id) WHERE task_id IS NOT NULL;
CREATE INDEX runs_instance ON runs (instance_id) WHERE instance_id IS NOT NULL;
CREATE INDEX runs_lease ON runs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX runs_deadline ON runs (deadline) WHERE deadline IS NOT NULL AND ended_at IS NULL;
CREATE INDEX runs_final ON runs (final_by) WHERE final_by IS NOT NULL;
CREATE INDEX runs_agent ON runs (agent_id, ended_at) WHERE agent_id IS NOT NULL;
CREATE INDEX runs_root ON runs (root_id);
CREATE INDEX runs_previous ON runs (previous_id) WHERE previous_id IS NOT NULL;

CREATE TABLE attempts (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    fence integer NOT NULL,
    agent_id uuid NOT NULL REFERENCES members,
    instance_id uuid NOT NULL,
    host text NOT NULL,
    offered_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    outcome text,
    error json,
    PRIMARY KEY (run_id, fence)
);
CREATE INDEX attempts_agent ON attempts (agent_id, offered_at);

CREATE TABLE artifacts (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    name text NOT NULL,
    media_type text NOT NULL,
    bytes integer NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX artifacts_run ON artifacts (run_id, id);

CREATE TABLE questions (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    task_id uuid,
    agent_id uuid NOT NULL REFERENCES members,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('text', 'choice', 'form', 'approval')),
    prompt text NOT NULL,
    choices text[] NOT NULL,
    form json,
    action text,
    arguments json,
    arguments_hash text,
    ceiling bigint,
    asked uuid[] NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'answered', 'expired', 'withdrawn')),
    answer json,
    comment text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES members,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    expires_at timestamptz,
    used_at timestamptz,
    UNIQUE (run_id, key)
);
CREATE INDEX questions_project ON questions (project_id, created_at, id);
CREATE INDEX questions_open ON questions (project_id, created_at, id) WHERE state = 'open';
CREATE INDEX questions_expiry ON questions (expires_at) WHERE state = 'open' AND expires_at IS NOT NULL;

CREATE TABLE budgets (
    id uuid PRIMARY KEY,
    project_id uuid REFERENCES projects ON DELETE CASCADE,
    agent_id uuid REFERENCES agents ON DELETE CASCADE,
    period text NOT NULL CHECK (period IN ('total', 'month')),
    most bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (num_nonnulls(project_id, agent_id) = 1),
    UNIQUE NULLS NOT DISTINCT (project_id, agent_id, period)
);

CREATE TABLE spendings (
    budget_id uuid NOT NULL REFERENCES budgets ON DELETE CASCADE,
    month date NOT NULL,
    spent bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (budget_id, month)
) WITH (fillfactor = 50);
COMMENT ON COLUMN spendings.month IS 'Its first day; for a budget of the total always 1970-01-01';

CREATE TABLE reservations (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    budget_id uuid NOT NULL REFERENCES budgets ON DELETE CASCADE,
    month date NOT NULL,
    remaining bigint NOT NULL,
    PRIMARY KEY (run_id, budget_id)
);
CREATE INDEX reservations_budget ON reservations (budget_id);
COMMENT ON TABLE reservations IS 'What runs that go on may still spend of budgets before they ask for more';

CREATE TABLE queues (
    id uuid PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    paused boolean NOT NULL DEFAULT false,
    concurrency integer,
    updated_at timestamptz NOT NULL
);

CREATE TABLE triggers (
    id uuid PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('schedule', 'event', 'webhook')),
    cron text,
    zone text NOT NULL,
    catch_up text NOT NULL CHECK (catch_up IN ('skip', 'latest', 'all')),
    filter json,
    capability text NOT NULL,
    agent_id uuid REFERENCES members,
    input json NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    sealed_secret bytea,
    next_at timestamptz,
    seq bigint NOT NULL DEFAULT 0,
    fired_at timestamptz,
    fired integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN triggers.failed IS 'Firings in a row that made no run';
COMMENT ON COLUMN triggers.seq IS 'The project''s log was looked through up to here';
CREATE INDEX triggers_project ON triggers (project_id, name, id);
CREATE INDEX triggers_due ON triggers (next_at) WHERE enabled AND next_at IS NOT NULL;
CREATE INDEX triggers_events ON triggers (project_id) WHERE enabled AND kind = 'event';

CREATE TABLE firings (
    trigger_id uuid NOT NULL REFERENCES triggers ON DELETE CASCADE,
    key text NOT NULL,
    run_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (trigger_id, key)
);
COMMENT ON TABLE firings IS 'Each makes one run; key is the time, the seq of the event or the id of the webhook';
CREATE INDEX firings_at ON firings (at);
