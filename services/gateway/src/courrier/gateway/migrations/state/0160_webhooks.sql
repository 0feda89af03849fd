-- How far webhooks are in the log, and what was, is or will be sent where. No content: what is sent
-- is read from the log when it is sent, so that an erasure reaches it.
CREATE TABLE webhook_cursors (
    stream text   PRIMARY KEY,
    seq    bigint NOT NULL
);
CREATE TABLE webhook_deliveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id  text        NOT NULL,
    event_id    text        NOT NULL,
    event_type  text        NOT NULL,
    stream      text        NOT NULL,
    seq         bigint      NOT NULL,
    state       text        NOT NULL DEFAULT 'waiting',
    attempts    integer     NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_try    timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at timestamptz,
    status      integer,
    answer      text,
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_try) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (webhook_id, id);
