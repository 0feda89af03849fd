-- Which log the changes were told of: once it is restored from its archive, all screens start anew.
ALTER TABLE view_horizon ADD COLUMN epoch integer NOT NULL DEFAULT 1;
