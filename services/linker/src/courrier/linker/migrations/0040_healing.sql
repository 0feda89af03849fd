-- What decisions are taken anew from when something comes to be known late. All of it can be rebuilt.

TRUNCATE emails, addresses, erased, gone_records;
DROP TABLE threads;

-- EMAIL: what an e-mail says that threads and links follow from; by whom it was linked last.
ALTER TABLE emails
    ADD COLUMN date      timestamptz NOT NULL,
    ADD COLUMN parties   text[] COLLATE "C" NOT NULL,
    ADD COLUMN ancestors text[] COLLATE "C" NOT NULL,
    ADD COLUMN proven    text[] COLLATE "C" NOT NULL,
    ADD COLUMN linked_by text COLLATE "C" NOT NULL DEFAULT 'machine',
    ADD COLUMN links_seq bigint NOT NULL;
ALTER TABLE emails ALTER COLUMN parties SET STATISTICS 0;
CREATE INDEX emails_of_thread ON emails (thread_id, email_seq);

-- EMAIL: e-mails that share a key are of one thread.
CREATE TABLE thread_keys (
    key      bigint NOT NULL,
    email_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, email_id)
);

-- EMAIL: threads that are part of another one, which is itself part of none.
CREATE TABLE joined_threads (
    joined    text COLLATE "C" PRIMARY KEY,
    thread_id text COLLATE "C" NOT NULL
);
CREATE INDEX joined_threads_into ON joined_threads (thread_id);

-- EMAIL: the e-mails that name an address, by 64 bits of it.
CREATE TABLE email_addresses (
    address_key bigint NOT NULL,
    email_id    text COLLATE "C" NOT NULL,
    PRIMARY KEY (address_key, email_id)
);

-- EMAIL: what each e-mail is linked to.
CREATE TABLE email_links (
    email_id    text COLLATE "C" NOT NULL,
    record_type text COLLATE "C" NOT NULL,
    record_id   text COLLATE "C" NOT NULL,
    is_parent   boolean NOT NULL,
    PRIMARY KEY (email_id, record_type, record_id)
);
CREATE INDEX email_links_of_record ON email_links (record_type, record_id, email_id);

-- CRM: the accounts that cases and opportunities belong to.
CREATE TABLE record_accounts (
    record_type text COLLATE "C" NOT NULL,
    record_id   text COLLATE "C" NOT NULL,
    account_id  text COLLATE "C",
    crm_seq     bigint NOT NULL,
    PRIMARY KEY (record_type, record_id)
);

DELETE FROM checkpoints WHERE consumer = 'index' AND stream IN ('CRM', 'EMAIL');
