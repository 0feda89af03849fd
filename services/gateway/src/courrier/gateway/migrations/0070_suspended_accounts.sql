-- MAILBOX: since when an account fails, how many log-ins were refused, and whether it is given up.
ALTER TABLE fetching_states
    ADD COLUMN suspended boolean NOT NULL DEFAULT false,
    ADD COLUMN since timestamptz,
    ADD COLUMN tries integer NOT NULL DEFAULT 0;
