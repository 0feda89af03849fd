-- CRM: records that are gone, and which one stands for them; SETTINGS: who the customers are.

CREATE TABLE gone_records (
    record_type text COLLATE "C" NOT NULL,
    record_id   text COLLATE "C" NOT NULL,
    into_id     text COLLATE "C",
    gone        boolean NOT NULL,
    crm_seq     bigint NOT NULL,
    PRIMARY KEY (record_type, record_id)
);

CREATE TABLE system_settings (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    b2c          boolean NOT NULL,
    settings_seq bigint NOT NULL
);

DELETE FROM checkpoints WHERE consumer = 'index' AND stream IN ('CRM', 'SETTINGS');
