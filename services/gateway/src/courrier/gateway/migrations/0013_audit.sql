-- SETTINGS: who did what, a row for each fact; the log fills it.
CREATE TABLE audit (
    event_id text PRIMARY KEY,
    at       timestamptz NOT NULL,
    actor    text NOT NULL,
    kind     text NOT NULL,
    object   text NOT NULL,
    changed  text[] NOT NULL,
    reason   text,
    seq      bigint NOT NULL
);
CREATE INDEX audit_by_time ON audit (at DESC, seq DESC);
CREATE INDEX audit_of_actor ON audit (actor, at DESC, seq DESC);
CREATE INDEX audit_of_object ON audit (object, at DESC, seq DESC);
DELETE FROM checkpoints WHERE stream = 'SETTINGS';
