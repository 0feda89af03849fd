-- What erasing and the collection of blobs look up; the log fills what is made anew here.

-- MAILBOX: which received message refers to which bytes. Sent ones and e-mails say so themselves.
CREATE TABLE received_blobs (
    event_id text PRIMARY KEY,
    digest   text NOT NULL
);
CREATE INDEX received_blobs_by_digest ON received_blobs (digest);
CREATE INDEX emails_by_blob ON emails (raw_digest);
CREATE INDEX deliveries_by_blob ON deliveries (raw_digest);

-- address_key is the keyed hash in the subject: what an erased address is found by.
TRUNCATE records, record_addresses;
ALTER TABLE record_addresses ADD COLUMN address_key text NOT NULL;
CREATE INDEX record_addresses_by_key ON record_addresses (address_key);
DELETE FROM checkpoints WHERE stream IN ('CRM', 'MAILBOX');

-- PostgreSQL copies frequent values into its statistics, which no erasing of rows reaches.
ALTER TABLE records
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN fields SET STATISTICS 0;
ALTER TABLE record_addresses ALTER COLUMN address SET STATISTICS 0;
ALTER TABLE emails
    ALTER COLUMN message_id SET STATISTICS 0,
    ALTER COLUMN in_reply_to SET STATISTICS 0,
    ALTER COLUMN refs SET STATISTICS 0,
    ALTER COLUMN thread_reason SET STATISTICS 0,
    ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN sent_from SET STATISTICS 0,
    ALTER COLUMN reply_to SET STATISTICS 0,
    ALTER COLUMN sent_to SET STATISTICS 0,
    ALTER COLUMN cc SET STATISTICS 0,
    ALTER COLUMN snippet SET STATISTICS 0;
ALTER TABLE email_links ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE email_holders ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE received_texts
    ALTER COLUMN text SET STATISTICS 0,
    ALTER COLUMN attachments SET STATISTICS 0;
ALTER TABLE deliveries
    ALTER COLUMN message_id SET STATISTICS 0,
    ALTER COLUMN in_reply_to SET STATISTICS 0,
    ALTER COLUMN sent_from SET STATISTICS 0,
    ALTER COLUMN sent_to SET STATISTICS 0,
    ALTER COLUMN cc SET STATISTICS 0,
    ALTER COLUMN bcc SET STATISTICS 0,
    ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN snippet SET STATISTICS 0,
    ALTER COLUMN text SET STATISTICS 0,
    ALTER COLUMN outcomes SET STATISTICS 0,
    ALTER COLUMN explanation SET STATISTICS 0;
