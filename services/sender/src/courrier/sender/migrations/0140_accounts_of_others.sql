-- SETTINGS: whether mail of other addresses than its own may leave by an account.
ALTER TABLE accounts ADD COLUMN carries_any boolean NOT NULL DEFAULT false;
