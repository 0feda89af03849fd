-- EMAIL: what each person did with their copy, beside read: important, and given up.

ALTER TABLE email_holders ADD COLUMN is_important boolean NOT NULL DEFAULT false;
ALTER TABLE email_holders ADD COLUMN is_quiet boolean NOT NULL DEFAULT false;

-- Copies that their holders deleted from the Trash, to be given back by an undo.
CREATE TABLE given_up (
    email_id     text NOT NULL,
    holder_id    text NOT NULL,
    holder_type  text NOT NULL,
    account_id   text,
    source_id    text NOT NULL,
    is_read      boolean NOT NULL,
    is_important boolean NOT NULL,
    is_quiet     boolean NOT NULL,
    reason       jsonb NOT NULL,
    date         timestamptz NOT NULL,
    held_at      timestamptz NOT NULL,
    seq          bigint NOT NULL,
    PRIMARY KEY (email_id, holder_id)
);

-- 'All' is what is in use: not the Trash, not Junk.
DROP INDEX email_holders_all;
CREATE INDEX email_holders_all ON email_holders (holder_id, date DESC, email_id DESC)
 WHERE folder NOT IN ('trash', 'junk');
CREATE INDEX email_holders_important ON email_holders (holder_id, date DESC, email_id DESC)
 WHERE is_important AND folder NOT IN ('trash', 'junk');
DELETE FROM checkpoints WHERE stream = 'EMAIL';
TRUNCATE email_holders, folder_counters;
