-- What the sender decides by: whom mail is sent for, and which message is due when.
CREATE TABLE accounts (
    account_id   text PRIMARY KEY,
    owner_id     text NOT NULL,
    address      text NOT NULL,
    smtp         jsonb,
    removed      boolean NOT NULL,
    settings_seq bigint NOT NULL
);

CREATE TABLE deliveries (
    email_id     text PRIMARY KEY,
    account_id   text NOT NULL,
    state        text NOT NULL
        CHECK (state IN ('queued', 'sending', 'sent', 'partial', 'failed', 'uncertain')),
    attempts     integer NOT NULL,
    due_at       timestamptz,
    moved_at     timestamptz NOT NULL,
    outbound_seq bigint NOT NULL
);

CREATE INDEX deliveries_due ON deliveries (due_at NULLS FIRST, outbound_seq)
    WHERE state = 'queued';
CREATE INDEX deliveries_under_way ON deliveries (moved_at) WHERE state = 'sending';
