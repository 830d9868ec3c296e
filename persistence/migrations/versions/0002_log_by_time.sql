ALTER TABLE events RENAME TO events_first;
ALTER TABLE events_first DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_room_id_fkey;
ALTER INDEX events_entity RENAME TO events_first_entity;

-- `at` is in the key only because PostgreSQL wants it there. That (room_id, seq) is unique, and that the room
-- exists, follows from the row lock on the room under which seq is taken. So no foreign key checks it again.
CREATE TABLE events (
    room_id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    entity_id uuid,
    data json NOT NULL,
    PRIMARY KEY (room_id, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX events_entity ON events (room_id, entity_id, seq DESC) WHERE entity_id IS NOT NULL;
COMMENT ON TABLE events IS 'The log; persistence/partitions.py makes its partitions and drops them';

CREATE TABLE events_default PARTITION OF events DEFAULT;
COMMENT ON TABLE events_default IS 'For events of a time that has no partition yet; empty nearly always';

-- The log until now becomes its first partition, without being copied.
DO $$
BEGIN
    IF EXISTS (SELECT FROM events_first) THEN
        EXECUTE format(
            'ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (%L)',
            date_trunc('hour', greatest(now(), (SELECT max(at) FROM events_first)) + interval '2 hours', 'UTC')
        );
    ELSE
        DROP TABLE events_first;
    END IF;
END $$;

CREATE TABLE history (
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    entity_id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    data json NOT NULL,
    PRIMARY KEY (room_id, entity_id, seq)
);
COMMENT ON TABLE history IS 'Events about an entity whose partition of the log was dropped';
