-- What belongs to HTTP and not to the log: sessions, answers kept for repeats, jobs.

CREATE TABLE gateway.sessions (
    digest     text PRIMARY KEY,
    user_id    text NOT NULL,
    csrf       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON gateway.sessions (user_id);
CREATE INDEX sessions_by_expiry ON gateway.sessions (expires_at);

CREATE TABLE gateway.kept_answers (
    user_id     text NOT NULL,
    key         text NOT NULL,
    request     text NOT NULL,
    status      integer,
    headers     jsonb,
    body        bytea,
    started_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX kept_answers_by_age ON gateway.kept_answers (started_at);

CREATE TABLE gateway.jobs (
    job_id     text PRIMARY KEY,
    user_id    text NOT NULL,
    holder_id  text NOT NULL,
    email_id   text NOT NULL,
    source_id  text,
    created_at timestamptz NOT NULL DEFAULT now()
);
