-- Jobs of any kind: work that goes on after its request was answered, and survives a restart.
-- due_at is when somebody may take the job: at once, or when whoever has it has been silent too long.
DROP TABLE jobs;
CREATE TABLE jobs (
    job_id      text PRIMARY KEY,
    user_id     text NOT NULL,
    kind        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    done        bigint NOT NULL DEFAULT 0,
    total       bigint,
    errors      jsonb NOT NULL DEFAULT '[]',
    error_count bigint NOT NULL DEFAULT 0,
    order_      jsonb NOT NULL,
    note        jsonb,
    body        bytea,
    result      jsonb,
    runner      text,
    attempts    integer NOT NULL DEFAULT 0,
    cancel      boolean NOT NULL DEFAULT false,
    due_at      timestamptz NOT NULL DEFAULT now(),
    created_at  timestamptz NOT NULL DEFAULT now(),
    changed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_of_user ON jobs (user_id, created_at DESC, job_id DESC);
CREATE INDEX jobs_by_age ON jobs (created_at);
ALTER TABLE jobs ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN errors SET STATISTICS 0,
    ALTER COLUMN order_ SET STATISTICS 0, ALTER COLUMN result SET STATISTICS 0,
    ALTER COLUMN note SET STATISTICS 0;
