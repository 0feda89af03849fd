-- EMAIL: what was decided about e-mails after they came, and what of it was undone.

-- One row a fact. person_id is empty for what concerns everybody who sees the e-mail.
CREATE TABLE decided (
    event_id    text PRIMARY KEY,
    decision_id text NOT NULL,
    email_id    text NOT NULL,
    person_id   text NOT NULL,
    what        text NOT NULL,
    undoes      text,
    actor       text NOT NULL,
    at          timestamptz NOT NULL,
    seq         bigint NOT NULL
);
CREATE INDEX decided_on_email ON decided (email_id, person_id, seq);
CREATE INDEX decided_by_decision ON decided (decision_id, person_id, email_id);
CREATE INDEX decided_undoing ON decided (undoes, person_id) WHERE undoes IS NOT NULL;

-- One row a decision and person: what lists show.
CREATE TABLE decisions (
    decision_id text NOT NULL,
    person_id   text NOT NULL,
    what        text[] NOT NULL,
    reason      jsonb,
    actor       text NOT NULL,
    at          timestamptz NOT NULL,
    facts       bigint NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (decision_id, person_id)
);
CREATE INDEX decisions_of ON decisions (person_id, at DESC, decision_id DESC);
ALTER TABLE decisions ALTER COLUMN reason SET STATISTICS 0;
DELETE FROM checkpoints WHERE stream = 'EMAIL';
