-- SETTINGS: filters and folders (a removed one keeps its row), and where an account's mail goes.
CREATE TABLE filters (
    filter_id    text COLLATE "C" PRIMARY KEY,
    scope        text COLLATE "C" NOT NULL,
    owner_id     text COLLATE "C",
    account_id   text COLLATE "C",
    fields       text,
    settings_seq bigint NOT NULL
);
CREATE INDEX filters_of_everybody ON filters (filter_id) WHERE scope = 'global';
CREATE INDEX filters_by_account ON filters (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX filters_by_owner ON filters (owner_id) WHERE scope = 'user';

CREATE TABLE folders (
    folder_id    text COLLATE "C" PRIMARY KEY,
    is_quiet     boolean NOT NULL,
    is_there     boolean NOT NULL,
    settings_seq bigint NOT NULL
);

CREATE TABLE targets (
    account_id   text COLLATE "C" PRIMARY KEY,
    folder_id    text COLLATE "C",
    folder_map   text NOT NULL,
    settings_seq bigint NOT NULL
);

-- EMAIL: messages that a filter kept out; nothing of what they said.
CREATE TABLE skipped (
    source_id text COLLATE "C" PRIMARY KEY,
    email_seq bigint NOT NULL
);

DELETE FROM checkpoints WHERE consumer = 'index' AND stream IN ('EMAIL', 'SETTINGS');
