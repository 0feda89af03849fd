-- EMAIL: which copies lie in folders that people made, so that a removed folder gives them back.
CREATE TABLE filed (
    email_id  text COLLATE "C" NOT NULL,
    holder    text COLLATE "C" NOT NULL,
    folder_id text COLLATE "C" NOT NULL,
    email_seq bigint NOT NULL,
    PRIMARY KEY (email_id, holder)
);
CREATE INDEX filed_by_folder ON filed (folder_id, email_id);

DELETE FROM checkpoints WHERE consumer = 'index' AND stream = 'EMAIL';
