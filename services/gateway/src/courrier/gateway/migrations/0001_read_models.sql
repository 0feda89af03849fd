-- The read models: rows that can be thrown away and made again from the log.
-- Every table is fed by one stream; seq is the sequence of the last event the row has seen.

CREATE TABLE users (
    user_id         text PRIMARY KEY,
    login           text NOT NULL UNIQUE,
    name            text NOT NULL,
    email_addresses jsonb NOT NULL,
    is_admin        boolean NOT NULL,
    language        text NOT NULL,
    added_at        timestamptz NOT NULL,
    seq             bigint NOT NULL
);

CREATE TABLE user_addresses (
    address text NOT NULL,
    user_id text NOT NULL,
    seq     bigint NOT NULL,
    PRIMARY KEY (address, user_id)
);

CREATE TABLE tokens (
    token_id   text PRIMARY KEY,
    user_id    text NOT NULL,
    name       text NOT NULL,
    digest     text NOT NULL UNIQUE,
    scopes     jsonb NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz,
    revoked    boolean NOT NULL DEFAULT false,
    seq        bigint NOT NULL
);
CREATE INDEX tokens_of_user ON tokens (user_id);

CREATE TABLE email_accounts (
    account_id        text PRIMARY KEY,
    owner_id          text NOT NULL,
    name              text NOT NULL,
    address           text NOT NULL,
    imap              jsonb,
    smtp              jsonb,
    monitored_folders jsonb NOT NULL,
    fetch_since       date,
    keep_unread       boolean NOT NULL,
    paused            text,
    removed           boolean NOT NULL DEFAULT false,
    added_at          timestamptz NOT NULL,
    seq               bigint NOT NULL
);
CREATE INDEX email_accounts_of_owner ON email_accounts (owner_id);

CREATE TABLE fetching_states (
    account_id text PRIMARY KEY,
    failing    boolean NOT NULL,
    reason     text,
    text       text,
    retry_at   timestamptz,
    changed_at timestamptz NOT NULL,
    seq        bigint NOT NULL
);

CREATE TABLE fetched_folders (
    account_id  text NOT NULL,
    folder      text NOT NULL,
    uidvalidity bigint NOT NULL,
    received    bigint NOT NULL,
    skipped     bigint NOT NULL,
    advanced_at timestamptz NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (account_id, folder)
);

CREATE TABLE records (
    record_type      text NOT NULL,
    record_id        text NOT NULL,
    name             text NOT NULL,
    fields           jsonb NOT NULL,
    account_id       text,
    assigned_user_id text,
    version          integer NOT NULL,
    created_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    seq              bigint NOT NULL,
    PRIMARY KEY (record_type, record_id)
);
CREATE INDEX records_by_name ON records USING gin (name public.gin_trgm_ops);
CREATE INDEX records_by_creation ON records (record_type, created_at DESC, record_id DESC);

CREATE TABLE record_addresses (
    address     text NOT NULL,
    record_type text NOT NULL,
    record_id   text NOT NULL,
    account_id  text,
    owned       boolean NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (address, record_type, record_id)
);
CREATE INDEX record_addresses_by_part ON record_addresses USING gin (address public.gin_trgm_ops);

CREATE TABLE emails (
    email_id         text PRIMARY KEY,
    source_id        text NOT NULL,
    status           text NOT NULL,
    raw_digest       text NOT NULL,
    raw_size         bigint NOT NULL,
    account_id       text,
    message_id       text,
    in_reply_to      text,
    refs             jsonb NOT NULL,
    thread_id        text NOT NULL,
    thread_reason    jsonb NOT NULL,
    subject          text,
    sent_from        jsonb,
    reply_to         jsonb NOT NULL,
    sent_to          jsonb NOT NULL,
    cc               jsonb NOT NULL,
    date             timestamptz NOT NULL,
    snippet          text NOT NULL,
    attachment_count integer NOT NULL,
    auto_reply       boolean NOT NULL,
    replies_to       text,
    imported_at      timestamptz NOT NULL,
    actor            text NOT NULL,
    seq              bigint NOT NULL
);
CREATE INDEX emails_of_thread ON emails (thread_id, date DESC, email_id DESC);
CREATE INDEX emails_answering ON emails (replies_to) WHERE replies_to IS NOT NULL;

-- A record's history, and why each e-mail is in it.
CREATE TABLE email_links (
    email_id    text NOT NULL,
    record_type text NOT NULL,
    record_id   text NOT NULL,
    is_parent   boolean NOT NULL,
    reason      jsonb NOT NULL,
    date        timestamptz NOT NULL,
    linked_at   timestamptz NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (email_id, record_type, record_id)
);
CREATE INDEX email_links_of_record
    ON email_links (record_type, record_id, date DESC, email_id DESC);

CREATE TABLE email_holders (
    email_id    text NOT NULL,
    holder_id   text NOT NULL,
    holder_type text NOT NULL,
    folder      text NOT NULL,
    account_id  text,
    source_id   text NOT NULL,
    is_read     boolean NOT NULL,
    reason      jsonb NOT NULL,
    date        timestamptz NOT NULL,
    held_at     timestamptz NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (email_id, holder_id)
);
CREATE INDEX email_holders_folder
    ON email_holders (holder_id, folder, date DESC, email_id DESC);
CREATE INDEX email_holders_all ON email_holders (holder_id, date DESC, email_id DESC);
CREATE INDEX email_holders_unread
    ON email_holders (holder_id, folder, date DESC, email_id DESC) WHERE NOT is_read;

CREATE TABLE folder_counters (
    holder_id text NOT NULL,
    folder    text NOT NULL,
    total     bigint NOT NULL,
    unread    bigint NOT NULL,
    PRIMARY KEY (holder_id, folder)
);

CREATE TABLE received_texts (
    event_id    text PRIMARY KEY,
    text        text NOT NULL,
    text_cut    boolean NOT NULL,
    attachments jsonb NOT NULL,
    seq         bigint NOT NULL
);

CREATE TABLE deliveries (
    email_id         text PRIMARY KEY,
    author_id        text NOT NULL,
    account_id       text NOT NULL,
    raw_digest       text NOT NULL,
    raw_size         bigint NOT NULL,
    message_id       text NOT NULL,
    in_reply_to      text,
    replies_to       text,
    sent_from        jsonb NOT NULL,
    sent_to          jsonb NOT NULL,
    cc               jsonb NOT NULL,
    bcc              jsonb NOT NULL,
    subject          text NOT NULL,
    snippet          text NOT NULL,
    text             text NOT NULL,
    attachment_count integer NOT NULL,
    date             timestamptz NOT NULL,
    state            text NOT NULL,
    attempts         integer NOT NULL,
    outcomes         jsonb NOT NULL,
    explanation      text NOT NULL,
    retry_at         timestamptz,
    changed_at       timestamptz NOT NULL,
    seq              bigint NOT NULL
);
