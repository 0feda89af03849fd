-- EMAIL and MAILBOX: which newer reading of a message a row shows; 0 is the first one.
ALTER TABLE emails ADD COLUMN reread_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE received_texts ADD COLUMN reread_seq bigint NOT NULL DEFAULT 0;
