-- Bytes that somebody wants gone: they go once nobody refers to them.
CREATE TABLE unwanted_blobs (
    digest   text COLLATE "C" PRIMARY KEY,
    asked_at timestamptz NOT NULL
);
