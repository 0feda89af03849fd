-- SETTINGS: an address that is an account's stays its owner's when they give it up for themselves.
TRUNCATE people;
ALTER TABLE people ADD COLUMN is_account boolean NOT NULL DEFAULT false;
DELETE FROM checkpoints WHERE stream = 'SETTINGS';
