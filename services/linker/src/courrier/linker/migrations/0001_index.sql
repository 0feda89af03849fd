-- What decisions look up in a handful of queries a batch; all of it can be rebuilt from the log.

-- CRM: who has which address. A released one stays as a row, so that no older event revives it.
CREATE TABLE addresses (
    address    text COLLATE "C" NOT NULL,
    owner_type text COLLATE "C" NOT NULL,
    owner_id   text COLLATE "C" NOT NULL,
    account_id text COLLATE "C",
    owned      boolean NOT NULL,
    crm_seq    bigint NOT NULL,
    PRIMARY KEY (address, owner_type, owner_id)
);

-- SETTINGS: whose an e-mail account is. It stays when the account goes: its mail may still come.
CREATE TABLE accounts (
    account_id   text COLLATE "C" PRIMARY KEY,
    owner_id     text COLLATE "C" NOT NULL,
    settings_seq bigint NOT NULL
);

-- SETTINGS: addresses our own people write from.
CREATE TABLE people (
    address      text COLLATE "C" NOT NULL,
    user_id      text COLLATE "C" NOT NULL,
    settings_seq bigint NOT NULL,
    PRIMARY KEY (address, user_id)
);

-- EMAIL: the e-mails there are, by the id that follows from their Message-ID.
CREATE TABLE emails (
    email_id    text COLLATE "C" PRIMARY KEY,
    thread_id   text COLLATE "C" NOT NULL,
    subject_key text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    holders     text[] COLLATE "C" NOT NULL,
    email_seq   bigint NOT NULL
);

-- EMAIL: the record of a thread, that of its first e-mail on the log that has one.
CREATE TABLE threads (
    thread_id   text COLLATE "C" PRIMARY KEY,
    parent_type text COLLATE "C" NOT NULL,
    parent_id   text COLLATE "C" NOT NULL,
    email_seq   bigint NOT NULL
);
