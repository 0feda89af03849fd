-- What the log cannot give again and no rebuild touches: sessions, answers kept for repeats, jobs,
-- and what screens were told.

CREATE TABLE sessions (
    digest     text PRIMARY KEY,
    user_id    text NOT NULL,
    csrf       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE kept_answers (
    user_id     text NOT NULL,
    key         text NOT NULL,
    request     text NOT NULL,
    status      integer,
    headers     jsonb,
    body        bytea,
    started_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX kept_answers_by_age ON kept_answers (started_at);

CREATE TABLE jobs (
    job_id     text PRIMARY KEY,
    user_id    text NOT NULL,
    holder_id  text NOT NULL,
    email_id   text NOT NULL,
    source_id  text,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- What a person's screen has to redraw; ids rise in the order of commits (one lock, see
-- projections/view_changes.py), so that a reader that asks for greater ids misses nothing.
CREATE TABLE view_changes (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL,
    kind      text NOT NULL,
    ref       text NOT NULL,
    stream    text NOT NULL,
    seq       bigint NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX view_changes_of_person ON view_changes (person_id, id);
CREATE INDEX view_changes_by_age ON view_changes (at);

CREATE TABLE view_horizon (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pruned   bigint NOT NULL
);
INSERT INTO view_horizon (pruned) VALUES (0);
