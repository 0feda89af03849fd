-- What lists of records are filtered by, what duplicates are found by, and which record stands
-- for which since they were merged.
TRUNCATE records, record_addresses;
DELETE FROM checkpoints WHERE stream = 'CRM';

ALTER TABLE records
    ADD COLUMN status      text,
    ADD COLUMN contact_ids text[] NOT NULL,
    ADD COLUMN parent      text,
    ADD COLUMN number      integer,
    ADD COLUMN name_key    text NOT NULL,
    ADD COLUMN domains     text[] NOT NULL;
ALTER TABLE records
    ALTER COLUMN name_key SET STATISTICS 0,
    ALTER COLUMN domains SET STATISTICS 0;

CREATE INDEX records_of_account ON records (record_type, account_id, created_at DESC, record_id DESC)
    WHERE account_id IS NOT NULL;
CREATE INDEX records_of_person
    ON records (record_type, assigned_user_id, created_at DESC, record_id DESC)
    WHERE assigned_user_id IS NOT NULL;
CREATE INDEX records_of_contact ON records USING gin (contact_ids);
CREATE INDEX records_of_parent ON records (parent) WHERE parent IS NOT NULL;
CREATE INDEX records_by_name_key ON records (name_key) WHERE name_key <> '';
CREATE INDEX records_by_domain ON records USING gin (domains);
CREATE INDEX records_by_number ON records (number) WHERE number IS NOT NULL;
CREATE INDEX record_addresses_of_record ON record_addresses (record_type, record_id);

CREATE TABLE merged_records (
    record_type text NOT NULL,
    record_id   text NOT NULL,
    into_id     text NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (record_type, record_id, into_id)
);
CREATE INDEX merged_records_into ON merged_records (record_type, into_id);

-- Records that were removed, erased or replaced, by the fact that said so: no older one revives them.
CREATE TABLE gone_records (
    record_type text NOT NULL,
    record_id   text NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (record_type, record_id)
);
