-- MAILBOX: why an account cannot be fetched, by language.
ALTER TABLE fetching_states ADD COLUMN texts jsonb NOT NULL DEFAULT '{}';
