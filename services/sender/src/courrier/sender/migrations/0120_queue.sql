-- OUTBOUND: whose turn it is in the queue, whom a message goes to, what was taken back, and which
-- account's server asked to be left alone.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state_check CHECK
    (state IN ('queued', 'sending', 'sent', 'partial', 'failed', 'uncertain', 'cancelled'));
ALTER TABLE deliveries ADD COLUMN turn_at timestamptz;
ALTER TABLE deliveries ADD COLUMN domains text[] NOT NULL DEFAULT '{}';
UPDATE deliveries SET turn_at = coalesce(due_at, moved_at);
ALTER TABLE deliveries ALTER COLUMN turn_at SET NOT NULL;

DROP INDEX deliveries_due;
CREATE INDEX deliveries_turn ON deliveries (account_id, turn_at, outbound_seq)
    WHERE state = 'queued';
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'queued';

CREATE TABLE holds (
    account_id   text PRIMARY KEY,
    until        timestamptz NOT NULL,
    outbound_seq bigint NOT NULL
);

-- MAILBOX: our own messages met in mailboxes: whether an uncertain one has left.
CREATE TABLE sightings (
    email_id       text PRIMARY KEY,
    message_digest text NOT NULL,
    place          text NOT NULL,
    mailbox_seq    bigint NOT NULL
);
