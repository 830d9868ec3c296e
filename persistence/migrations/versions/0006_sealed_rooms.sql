ALTER TABLE rooms DROP CONSTRAINT rooms_kind_check;
ALTER TABLE rooms ADD CONSTRAINT rooms_kind_check
    CHECK (kind IN ('workspace', 'project', 'channel', 'direct', 'inbox', 'sealed'));

-- The signed chains by which devices are known. None is ever removed: rooms' logs refer to them.
CREATE TABLE identities (
    fp bytea PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    in_force boolean NOT NULL DEFAULT true,
    seq integer NOT NULL,
    head bytea NOT NULL,
    state bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN identities.in_force IS 'False for one that its member gave up for another';
COMMENT ON COLUMN identities.state IS 'What follows from the chain, as handlers/cx1 keeps it';
CREATE UNIQUE INDEX identities_member_key ON identities (member_id) WHERE in_force;

CREATE TABLE identity_links (
    fp bytea NOT NULL REFERENCES identities ON DELETE CASCADE,
    seq integer NOT NULL,
    link bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (fp, seq)
);

CREATE TABLE sealed_rooms (
    room_id uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
    room_ref bytea NOT NULL,
    form text NOT NULL CHECK (form IN ('conversation', 'project')),
    cseq bigint NOT NULL,
    epoch bigint NOT NULL,
    commit_hash bytea NOT NULL,
    transcript bytea NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT sealed_rooms_room_ref_key UNIQUE (room_ref)
);
COMMENT ON COLUMN sealed_rooms.commit_hash IS 'Of the last commit: names the state that follows from it';
COMMENT ON COLUMN sealed_rooms.transcript IS 'At the head of its log';
COMMENT ON COLUMN sealed_rooms.state IS 'What follows from its commits, as handlers/cx1 keeps it';

-- What stands in sealed rooms, for good: the log of events has it too, as long as that is kept.
CREATE TABLE sealed_items (
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('commit', 'envelope', 'stub')),
    body bytea NOT NULL,
    transcript bytea NOT NULL,
    actor_id uuid,
    client_id bytea,
    document_id bytea,
    snapshot boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq),
    CONSTRAINT sealed_items_client_id_key UNIQUE (room_id, client_id)
);
COMMENT ON COLUMN sealed_items.client_id IS 'Of an envelope; null for a commit';
COMMENT ON COLUMN sealed_items.document_id IS 'Of an update or a snapshot of a document';
CREATE INDEX sealed_items_document ON sealed_items (room_id, document_id, seq)
    WHERE document_id IS NOT NULL AND kind = 'envelope';

CREATE TABLE sealed_cursors (
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    device_id bytea NOT NULL,
    epoch bigint NOT NULL,
    ctr bigint NOT NULL,
    prev bytea NOT NULL,
    PRIMARY KEY (room_id, device_id)
);
COMMENT ON TABLE sealed_cursors IS 'Where each device stands that has said something';

CREATE TABLE sealed_entities (
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    entity_id bytea NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (room_id, entity_id)
);

CREATE TABLE sealed_boxes (
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    device_id bytea NOT NULL,
    epoch bigint NOT NULL,
    granted boolean NOT NULL,
    box bytea NOT NULL,
    PRIMARY KEY (room_id, device_id, epoch, granted)
);
COMMENT ON COLUMN sealed_boxes.granted IS 'Given later, and not with the epoch';

CREATE TABLE sealed_wants (
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    device_id bytea NOT NULL,
    fp bytea NOT NULL,
    epoch bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (room_id, device_id)
);
COMMENT ON COLUMN sealed_wants.epoch IS 'The newest whose secret the device lacks';

CREATE TABLE pairings (
    id uuid NOT NULL,
    step smallint NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('link', 'verify')),
    sender_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    recipient_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    body bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (id, step)
);
CREATE INDEX pairings_recipient ON pairings (recipient_id, at);
CREATE INDEX pairings_sender ON pairings (sender_id, at);
CREATE INDEX pairings_at ON pairings (at);

CREATE TABLE backups (
    member_id uuid PRIMARY KEY REFERENCES members ON DELETE CASCADE,
    ver integer NOT NULL,
    master bytea NOT NULL
);

CREATE TABLE backup_entries (
    member_id uuid NOT NULL REFERENCES backups ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (member_id, key)
);

CREATE TABLE sealed_invites (
    id uuid PRIMARY KEY,
    room_id uuid NOT NULL REFERENCES sealed_rooms ON DELETE CASCADE,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    uses integer NOT NULL
);
CREATE INDEX sealed_invites_room ON sealed_invites (room_id);

CREATE TABLE join_requests (
    id uuid PRIMARY KEY,
    invite_id uuid NOT NULL REFERENCES sealed_invites ON DELETE CASCADE,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    fp bytea NOT NULL,
    proof bytea NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT join_requests_member_key UNIQUE (invite_id, member_id)
);
