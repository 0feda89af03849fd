-- SETTINGS: who shows a one-time code at log-in, and who has to.
ALTER TABLE users
    ADD COLUMN has_totp      boolean NOT NULL DEFAULT false,
    ADD COLUMN totp_required boolean NOT NULL DEFAULT false;
