-- OUTBOUND: accounts whose outgoing servers asked to be left alone.
CREATE TABLE sending_holds (
    account_id text PRIMARY KEY,
    until      timestamptz NOT NULL,
    times      integer NOT NULL,
    text       text NOT NULL,
    seq        bigint NOT NULL
);
ALTER TABLE sending_holds ALTER COLUMN text SET STATISTICS 0;
