-- Who reads or answers which conversation now (seconds), and up to when a person saw what is told.
CREATE TABLE presence (
    thread_id text NOT NULL,
    person_id text NOT NULL,
    doing     text NOT NULL,
    until     timestamptz NOT NULL,
    PRIMARY KEY (thread_id, person_id)
);
CREATE TABLE notices_seen (
    person_id text PRIMARY KEY,
    seen_at   timestamptz NOT NULL
);
