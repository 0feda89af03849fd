-- Each place where one of our messages was met, so that an erased one can be forgotten.
DROP TABLE sightings;
CREATE TABLE sightings (
    source_id      text PRIMARY KEY,
    email_id       text NOT NULL,
    message_digest text NOT NULL,
    place          text NOT NULL,
    mailbox_seq    bigint NOT NULL
);
CREATE INDEX sightings_of_email ON sightings (email_id, mailbox_seq);
DELETE FROM checkpoints WHERE stream = 'MAILBOX';
