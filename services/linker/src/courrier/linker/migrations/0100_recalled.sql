-- EMAIL: until when what a filter kept out can be taken back, and what became of it.
DROP TABLE skipped;
CREATE TABLE skipped (
    source_id text COLLATE "C" PRIMARY KEY,
    stage     text COLLATE "C" NOT NULL,
    due_at    timestamptz NOT NULL,
    email_seq bigint NOT NULL
);
CREATE INDEX skipped_waiting ON skipped (due_at) WHERE stage IN ('kept', 'expired');

DELETE FROM checkpoints WHERE consumer = 'index' AND stream = 'EMAIL';
