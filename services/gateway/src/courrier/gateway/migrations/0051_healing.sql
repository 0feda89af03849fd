-- EMAIL: threads that are part of another one, which is itself part of none.

CREATE TABLE joined_threads (
    joined    text PRIMARY KEY,
    thread_id text NOT NULL
);
CREATE INDEX joined_threads_into ON joined_threads (thread_id);

-- EMAIL: which fact told the e-mail's links last.
ALTER TABLE emails ADD COLUMN links_seq bigint NOT NULL DEFAULT 0;
