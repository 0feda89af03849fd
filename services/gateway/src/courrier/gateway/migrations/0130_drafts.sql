-- What people write: drafts and their files, and the files of what was sent.

-- OUTBOUND: a draft until its message is sent; 'submitted' while the sender has it.
CREATE TABLE drafts (
    email_id  text PRIMARY KEY,
    author_id text NOT NULL,
    team_ids  text[] NOT NULL,
    state     text NOT NULL CHECK (state IN ('draft', 'submitted')),
    fields    jsonb NOT NULL,
    digests   text[] NOT NULL,
    begun_at  timestamptz NOT NULL,
    saved_at  timestamptz NOT NULL,
    version   integer NOT NULL,
    seq       bigint NOT NULL
);
CREATE INDEX drafts_of_author ON drafts (author_id, state, saved_at DESC, email_id DESC);
CREATE INDEX drafts_of_teams ON drafts USING gin (team_ids);
CREATE INDEX drafts_of_blobs ON drafts USING gin (digests);

-- SETTINGS: files whose bytes are stored.
CREATE TABLE uploads (
    upload_id    text PRIMARY KEY,
    owner_id     text NOT NULL,
    filename     text NOT NULL,
    content_type text NOT NULL,
    digest       text NOT NULL,
    size         bigint NOT NULL,
    content_id   text,
    inline       boolean NOT NULL,
    uploaded_at  timestamptz NOT NULL,
    seq          bigint NOT NULL
);
CREATE INDEX uploads_of_blobs ON uploads (digest);

ALTER TABLE deliveries ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]';
