-- EMAIL: e-mails that people put into other conversations, and what became of both conversations.
ALTER TABLE emails ADD COLUMN thread_seq bigint NOT NULL DEFAULT 0;

-- The last word on two conversations: left_id is part of thread_id unless they are kept apart.
CREATE TABLE rethreaded (
    one       text NOT NULL,
    other     text NOT NULL,
    left_id   text NOT NULL,
    thread_id text NOT NULL,
    is_apart  boolean NOT NULL,
    seq       bigint NOT NULL,
    PRIMARY KEY (one, other)
);
CREATE INDEX rethreaded_into ON rethreaded (thread_id) WHERE NOT is_apart;
CREATE INDEX rethreaded_from ON rethreaded (left_id) WHERE NOT is_apart;
