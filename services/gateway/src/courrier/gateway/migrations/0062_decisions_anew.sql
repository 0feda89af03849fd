-- EMAIL: a decision is told anew from its facts when one of its e-mails is erased.
TRUNCATE decided, decisions;
ALTER TABLE decided ADD COLUMN reason jsonb;
ALTER TABLE decided ALTER COLUMN reason SET STATISTICS 0;
DELETE FROM checkpoints WHERE stream = 'EMAIL';
