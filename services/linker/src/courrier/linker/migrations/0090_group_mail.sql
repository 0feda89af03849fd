-- SETTINGS: accounts that are teams', and what is set up about them (null: not a team's any more).
CREATE TABLE group_accounts (
    account_id   text COLLATE "C" PRIMARY KEY,
    address      text COLLATE "C" NOT NULL,
    options      text,
    settings_seq bigint NOT NULL
);
CREATE INDEX group_accounts_by_address ON group_accounts (address);
ALTER TABLE group_accounts ALTER COLUMN address SET STATISTICS 0;

TRUNCATE targets;
DELETE FROM checkpoints WHERE consumer = 'index' AND stream = 'SETTINGS';
