-- Teams, roles and who may do what; the log fills what is made anew here.

TRUNCATE users, user_addresses, tokens;
ALTER TABLE users
    ADD COLUMN time_zone     text NOT NULL,
    ADD COLUMN team_ids      text[] NOT NULL,
    ADD COLUMN role_ids      text[] NOT NULL,
    ADD COLUMN is_active     boolean NOT NULL,
    ADD COLUMN signed_out_at timestamptz,
    ADD COLUMN version       integer NOT NULL;

CREATE TABLE teams (
    team_id  text PRIMARY KEY,
    name     text NOT NULL,
    role_ids text[] NOT NULL,
    version  integer NOT NULL,
    seq      bigint NOT NULL
);

CREATE TABLE roles (
    role_id text PRIMARY KEY,
    name    text NOT NULL,
    rights  jsonb NOT NULL,
    version integer NOT NULL,
    seq     bigint NOT NULL
);

-- audience: the keys by which people may have a right to the record (domain/access.py).
TRUNCATE records, record_addresses;
ALTER TABLE records ADD COLUMN audience text[] NOT NULL;
CREATE INDEX records_by_audience ON records USING gin (audience);
DELETE FROM checkpoints WHERE stream IN ('SETTINGS', 'CRM');
