-- EMAIL: what the receiving server said of the From address, and which server.

ALTER TABLE emails ADD COLUMN authentication jsonb;
