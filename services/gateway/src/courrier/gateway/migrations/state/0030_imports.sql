-- Files that people handed in to be imported: forgotten a day later, or once they were run.
CREATE TABLE imports (
    import_id   text PRIMARY KEY,
    user_id     text NOT NULL,
    record_type text NOT NULL,
    filename    text,
    shape       jsonb NOT NULL,
    row_count   integer NOT NULL,
    file        bytea,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX imports_of_user ON imports (user_id, created_at DESC, import_id DESC);
ALTER TABLE imports
    ALTER COLUMN file SET STATISTICS 0,
    ALTER COLUMN shape SET STATISTICS 0;
