-- EMAIL: conversations that people set apart, which no rule joins; where people put an e-mail.
CREATE TABLE threads_apart (
    one       text COLLATE "C" NOT NULL,
    other     text COLLATE "C" NOT NULL,
    is_apart  boolean NOT NULL,
    email_seq bigint NOT NULL,
    PRIMARY KEY (one, other)
);
ALTER TABLE emails ADD COLUMN thread_seq bigint NOT NULL DEFAULT 0;

-- SETTINGS: people who are not here any more.
CREATE TABLE absent_people (
    user_id      text COLLATE "C" PRIMARY KEY,
    is_absent    boolean NOT NULL,
    settings_seq bigint NOT NULL
);
DELETE FROM checkpoints WHERE consumer = 'index' AND stream = 'SETTINGS';
