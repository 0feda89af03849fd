-- Who may see which mail (domain/access.py); the log fills what is made anew here.

-- SETTINGS: our own mailboxes, and how far they share what comes by them.
CREATE TABLE own_accounts (
    account_id text PRIMARY KEY,
    address    text NOT NULL,
    privacy    text NOT NULL,
    seq        bigint NOT NULL
);
CREATE INDEX own_accounts_by_address ON own_accounts (address);

-- SETTINGS: which private mail an administrator opened, and why.
CREATE TABLE mail_openings (
    event_id  text PRIMARY KEY,
    email_id  text NOT NULL,
    user_id   text NOT NULL,
    reason    text NOT NULL,
    opened_at timestamptz NOT NULL,
    seq       bigint NOT NULL
);
CREATE INDEX mail_openings_of_email ON mail_openings (email_id);

-- EMAIL: everybody whom the message names, as addresses are compared.
TRUNCATE emails, email_links;
ALTER TABLE emails ADD COLUMN parties text[] NOT NULL;
ALTER TABLE emails ALTER COLUMN parties SET STATISTICS 0;
DELETE FROM checkpoints WHERE stream IN ('SETTINGS', 'EMAIL');
