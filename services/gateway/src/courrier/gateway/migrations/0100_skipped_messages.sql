-- EMAIL: messages that a filter kept out; nothing of what they said.
CREATE TABLE skipped_messages (
    source_id   text COLLATE "C" PRIMARY KEY,
    decision_id text COLLATE "C" NOT NULL,
    account_id  text COLLATE "C" NOT NULL,
    folder      text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    place       bigint NOT NULL,
    filter_id   text COLLATE "C",
    stage       text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    seq         bigint NOT NULL
);
CREATE INDEX skipped_by_account ON skipped_messages (account_id, at DESC, decision_id DESC);
CREATE INDEX skipped_by_decision ON skipped_messages (decision_id);
