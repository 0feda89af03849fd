-- EMAIL: what waits for a time or an answer, who answered, and who gave what up. Made from the log.

CREATE TABLE due (
    email_id     text COLLATE "C" NOT NULL,
    person_id    text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    at           timestamptz,
    until_answer boolean NOT NULL,
    email_seq    bigint NOT NULL,
    PRIMARY KEY (email_id, person_id, kind)
);
CREATE INDEX due_by_time ON due (at) WHERE at IS NOT NULL;
CREATE INDEX due_by_answer ON due (email_id) WHERE until_answer;

-- Received mail that a human wrote.
CREATE TABLE human_mail (
    email_id  text COLLATE "C" PRIMARY KEY,
    email_seq bigint NOT NULL
);

-- Conversations that an answer opens again.
CREATE TABLE resting (
    thread_id text COLLATE "C" PRIMARY KEY,
    email_seq bigint NOT NULL
);

CREATE TABLE given_up (
    email_id  text COLLATE "C" NOT NULL,
    holder    text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    email_seq bigint NOT NULL,
    PRIMARY KEY (email_id, holder)
);
CREATE INDEX given_up_by_time ON given_up (at);

DELETE FROM checkpoints WHERE consumer = 'index' AND stream = 'EMAIL';
