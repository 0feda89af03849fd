-- Codes that were mailed to somebody: each works once, until it expires. Only a digest is kept.
CREATE TABLE entry_codes (
    digest     text PRIMARY KEY,
    user_id    text NOT NULL,
    purpose    text NOT NULL,
    address    text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX entry_codes_of_user ON entry_codes (user_id, purpose);
