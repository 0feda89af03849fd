-- Erased e-mails leave keyed hashes behind, and no other row; the log fills what is made anew here.

CREATE TABLE erased (
    email_id    text COLLATE "C" PRIMARY KEY,
    message_key text COLLATE "C",
    email_seq   bigint NOT NULL
);
CREATE INDEX erased_by_key ON erased (message_key);

-- One row an e-mail: when the first of a thread is erased, the next one gives the thread its record.
DROP TABLE threads;
CREATE TABLE threads (
    email_id    text COLLATE "C" PRIMARY KEY,
    thread_id   text COLLATE "C" NOT NULL,
    parent_type text COLLATE "C" NOT NULL,
    parent_id   text COLLATE "C" NOT NULL,
    email_seq   bigint NOT NULL
);
CREATE INDEX threads_in_order ON threads (thread_id, email_seq);

-- address_key is the keyed hash in the subject: what an erased address is found by.
TRUNCATE addresses;
ALTER TABLE addresses ADD COLUMN address_key text COLLATE "C" NOT NULL;
CREATE INDEX addresses_by_key ON addresses (address_key);
DELETE FROM checkpoints WHERE stream IN ('CRM', 'EMAIL');

-- PostgreSQL copies frequent values into its statistics, which no erasing of rows reaches.
ALTER TABLE addresses ALTER COLUMN address SET STATISTICS 0;
ALTER TABLE people ALTER COLUMN address SET STATISTICS 0;
