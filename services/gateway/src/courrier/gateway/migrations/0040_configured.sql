-- SETTINGS: folders, filters, templates, ways out, preferences, system settings: one row each.
CREATE TABLE configured (
    kind       text NOT NULL,
    id         text NOT NULL,
    audience   text[] NOT NULL,
    name       text NOT NULL,
    place      integer NOT NULL,
    fields     jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    version    integer NOT NULL,
    removed    boolean NOT NULL DEFAULT false,
    seq        bigint NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX configured_for ON configured USING gin (audience) WHERE NOT removed;

-- SETTINGS: what an e-mail account says since it may be a team's and may change.
ALTER TABLE email_accounts
    ADD COLUMN options jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN team_ids text[] NOT NULL DEFAULT '{}',
    ADD COLUMN is_group boolean NOT NULL DEFAULT false,
    ADD COLUMN version integer NOT NULL DEFAULT 1;
