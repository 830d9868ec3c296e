-- What was uploaded to sealed rooms. Its bytes are a content as that of any file: counted, kept and collected alike.
CREATE TABLE sealed_objects (
    id uuid PRIMARY KEY,
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    blob_id uuid NOT NULL REFERENCES blobs,
    created_by uuid NOT NULL REFERENCES members,
    created_at timestamptz NOT NULL
);
CREATE INDEX sealed_objects_room ON sealed_objects (room_id);
CREATE INDEX sealed_objects_blob ON sealed_objects (blob_id);
CREATE TRIGGER sealed_objects_refs AFTER INSERT OR DELETE ON sealed_objects
    FOR EACH ROW EXECUTE FUNCTION count_blob_refs();
COMMENT ON COLUMN blobs.refs IS
    'Versions and objects that have this content; kept by triggers, so that cascades count too';

ALTER TABLE uploads ADD COLUMN object_id uuid;
COMMENT ON COLUMN uploads.object_id IS 'In a sealed room, in place of a target: the object that it becomes';
COMMENT ON COLUMN uploads.file_id IS 'Once it has become a file, or an object';
