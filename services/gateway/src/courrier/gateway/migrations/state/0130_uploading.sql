-- Files that come in pieces: for a day, or until all of it is there.
CREATE TABLE uploading (
    upload_id    text PRIMARY KEY,
    user_id      text NOT NULL,
    filename     text NOT NULL,
    content_type text NOT NULL,
    content_id   text,
    inline       boolean NOT NULL,
    size         bigint NOT NULL,
    received     bigint NOT NULL DEFAULT 0,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploading_of_user ON uploading (user_id);
CREATE TABLE uploading_parts (
    upload_id text NOT NULL REFERENCES uploading ON DELETE CASCADE,
    place     bigint NOT NULL,
    content   bytea NOT NULL,
    PRIMARY KEY (upload_id, place)
);
ALTER TABLE uploading_parts ALTER COLUMN content SET STATISTICS 0;
ALTER TABLE uploading_parts ALTER COLUMN content SET STORAGE EXTERNAL;
