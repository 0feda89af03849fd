-- OUTBOUND: who did not get a message that had left, and which addresses will never work.
CREATE TABLE bounces (
    email_id  text NOT NULL,
    address   text NOT NULL,
    author_id text,
    subject   text,
    is_hard   boolean NOT NULL,
    at        timestamptz NOT NULL,
    seq       bigint NOT NULL,
    PRIMARY KEY (email_id, address)
);
CREATE INDEX bounces_of_address ON bounces (address) WHERE is_hard;
CREATE INDEX bounces_told ON bounces (author_id, at DESC);
DELETE FROM checkpoints WHERE stream = 'OUTBOUND';
