-- MAILBOX: the list a message came over, for filters on mail that is there already.
ALTER TABLE received_texts ADD COLUMN list_id text;
ALTER TABLE received_texts ALTER COLUMN list_id SET STATISTICS 0;
TRUNCATE received_texts, received_blobs;
DELETE FROM checkpoints WHERE stream = 'MAILBOX';
