-- Who is logged in where, who guesses, and which one-time codes were used: no facts, no views.
ALTER TABLE sessions
    ADD COLUMN session_id   text NOT NULL DEFAULT md5(random()::text),
    ADD COLUMN agent        text NOT NULL DEFAULT '',
    ADD COLUMN address      text NOT NULL DEFAULT '',
    ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX sessions_by_id ON sessions (session_id);

-- key is a keyed digest: what people type as their login may be their password.
CREATE TABLE log_in_tries (
    key   text PRIMARY KEY,
    count integer NOT NULL,
    until timestamptz NOT NULL,
    at    timestamptz NOT NULL
);
CREATE INDEX log_in_tries_by_age ON log_in_tries (at);

-- The latest time step whose code let somebody in: none is taken twice (RFC 6238 section 5.2).
CREATE TABLE used_time_steps (
    user_id text PRIMARY KEY,
    step    bigint NOT NULL
);

CREATE TABLE token_uses (
    token_id     text PRIMARY KEY,
    last_used_at timestamptz NOT NULL
);
