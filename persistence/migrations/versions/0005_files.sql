-- What a room's files are made of: each content once in a room, whatever it is called and however often.
-- There is no reference to the room, so that the objects of a room that was purged can still be found.
CREATE TABLE blobs (
    id uuid PRIMARY KEY,
    room_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    bytes bigint NOT NULL,
    refs integer NOT NULL DEFAULT 0,
    released_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT blobs_content_key UNIQUE (room_id, sha256)
);
COMMENT ON COLUMN blobs.refs IS 'Versions that have this content; kept by a trigger, so that cascades count too';
COMMENT ON COLUMN blobs.released_at IS 'Since when no version has it';
CREATE INDEX blobs_released ON blobs (released_at) WHERE refs = 0;
CREATE INDEX blobs_room ON blobs (room_id) INCLUDE (bytes);

CREATE TABLE files (
    id uuid PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    task_id uuid,
    folder text NOT NULL,
    name text NOT NULL,
    number integer NOT NULL,
    restricted boolean NOT NULL DEFAULT false,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    updated_by uuid NOT NULL REFERENCES members,
    updated_at timestamptz NOT NULL,
    purge_at timestamptz
);
COMMENT ON COLUMN files.number IS 'Of its newest version';
COMMENT ON COLUMN files.task_id IS 'Outlives the task';
CREATE UNIQUE INDEX files_name_key ON files (room_id, folder, lower(name)) WHERE purge_at IS NULL;
CREATE INDEX files_room ON files (room_id, updated_at, id);
-- What lists by name are sorted by.
CREATE INDEX files_by_name ON files (room_id, (lower(left(name, 100)) COLLATE "C"), id);
CREATE INDEX files_task ON files (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX files_purge ON files (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE file_versions (
    file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    number integer NOT NULL,
    blob_id uuid NOT NULL REFERENCES blobs,
    name text NOT NULL,
    label text NOT NULL DEFAULT '',
    restored_from integer,
    run_id uuid,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (file_id, number)
);
COMMENT ON COLUMN file_versions.label IS 'What it is pinned as; empty if it may be thinned out';
CREATE INDEX file_versions_blob ON file_versions (blob_id);
CREATE INDEX file_versions_run ON file_versions (run_id) WHERE run_id IS NOT NULL;

CREATE FUNCTION count_blob_refs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE blobs SET refs = refs + 1, released_at = NULL WHERE id = NEW.blob_id;
    ELSE
        UPDATE blobs SET refs = refs - 1, released_at = CASE WHEN refs = 1 THEN clock_timestamp() END
        WHERE id = OLD.blob_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER file_versions_refs AFTER INSERT OR DELETE ON file_versions
    FOR EACH ROW EXECUTE FUNCTION count_blob_refs();

CREATE TABLE file_grants (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    member_id uuid REFERENCES members ON DELETE CASCADE,
    role text CHECK (role IN ('viewer', 'editor', 'manager')),
    access text NOT NULL CHECK (access IN ('viewer', 'editor')),
    until timestamptz,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL,
    CHECK ((member_id IS NULL) <> (role IS NULL)),
    UNIQUE NULLS NOT DISTINCT (file_id, member_id, role)
);
CREATE INDEX file_grants_member ON file_grants (member_id, file_id) WHERE member_id IS NOT NULL;

-- What was read from a content; also the queue of what is to be read.
CREATE TABLE analyses (
    blob_id uuid PRIMARY KEY REFERENCES blobs ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    name text NOT NULL,
    media_type text NOT NULL,
    kind text NOT NULL,
    language text,
    pages integer,
    characters bigint NOT NULL DEFAULT 0,
    metadata json NOT NULL DEFAULT '{}',
    quality json,
    score integer,
    findings json NOT NULL DEFAULT '[]',
    previews json NOT NULL DEFAULT '[]',
    fingerprint bigint,
    look bigint,
    error text NOT NULL DEFAULT '',
    held text NOT NULL DEFAULT '',
    analyzed_at timestamptz
);
COMMENT ON COLUMN analyses.name IS 'As which it came first: a hint of what it is';
COMMENT ON COLUMN analyses.fingerprint IS 'SimHash of its words';
COMMENT ON COLUMN analyses.look IS 'Difference hash of an image';
COMMENT ON COLUMN analyses.held IS 'Why nobody can download it; empty if one can';
CREATE INDEX analyses_pending ON analyses (blob_id) WHERE state = 'pending';

CREATE TABLE file_texts (
    blob_id uuid NOT NULL REFERENCES blobs ON DELETE CASCADE,
    page integer NOT NULL,
    text text NOT NULL,
    config regconfig NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (blob_id, page)
);
COMMENT ON COLUMN file_texts.config IS 'Of the language that it is in, after which its words are reduced';
CREATE INDEX file_texts_words ON file_texts USING gin (words);

CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    room_id uuid REFERENCES rooms ON DELETE CASCADE,
    target json,
    length bigint,
    received bigint NOT NULL DEFAULT 0,
    expected bigint NOT NULL DEFAULT 0,
    partial boolean NOT NULL DEFAULT false,
    parts uuid[],
    file_id uuid,
    lock_id uuid,
    lock_until timestamptz,
    wanted boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON COLUMN uploads.room_id IS 'Null for a part of another, since stock clients say only of the whole where it goes';
COMMENT ON COLUMN uploads.target IS 'What it becomes: name, folder, task, run, file, expected digest; null for a part';
COMMENT ON COLUMN uploads.parts IS 'Which partial uploads it joins, in order';
COMMENT ON COLUMN uploads.length IS 'Null while the client does not know';
COMMENT ON COLUMN uploads.expected IS 'While the length is not known: how far the last request was to bring it';
COMMENT ON COLUMN uploads.file_id IS 'Once it has become a file';
COMMENT ON COLUMN uploads.wanted IS 'Another request asks the one that holds the lock to let go';
CREATE INDEX uploads_expires ON uploads (expires_at);
CREATE INDEX uploads_room ON uploads (room_id) WHERE file_id IS NULL;
CREATE INDEX uploads_member ON uploads (member_id) WHERE file_id IS NULL;

CREATE TABLE quotas (
    subject_id uuid PRIMARY KEY,
    bytes bigint NOT NULL
);
COMMENT ON COLUMN quotas.subject_id IS 'A room, or a member';

CREATE TABLE sent_bytes (
    member_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    hour timestamptz NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (member_id, hour)
);

ALTER TABLE messages ADD COLUMN files json NOT NULL DEFAULT '[]';
