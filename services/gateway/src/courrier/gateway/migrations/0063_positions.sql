-- SETTINGS: what people do in their teams, by team id: cases may be given out within a position.
ALTER TABLE users ADD COLUMN positions jsonb NOT NULL DEFAULT '{}';
