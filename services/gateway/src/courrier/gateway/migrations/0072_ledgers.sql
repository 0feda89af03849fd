-- MAILBOX: what each folder's cursor says of it, and what came of comparing it with the server.
ALTER TABLE fetched_folders
    ADD COLUMN held         bigint NOT NULL DEFAULT 0,
    ADD COLUMN left_out     jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN owed         integer NOT NULL DEFAULT 0,
    ADD COLUMN since        date,
    ADD COLUMN largest      bigint,
    ADD COLUMN on_server    bigint,
    ADD COLUMN missing      bigint,
    ADD COLUMN began_at     timestamptz,
    ADD COLUMN began_with   bigint NOT NULL DEFAULT 0,
    ADD COLUMN renumbered_at timestamptz,
    ADD COLUMN comparison   jsonb,
    ADD COLUMN compared_at  timestamptz,
    ADD COLUMN gap          bigint NOT NULL DEFAULT 0,
    ADD COLUMN gap_closed_at timestamptz;
