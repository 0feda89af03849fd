-- EMAIL: what a team shares of a conversation, notes among colleagues, and what people are told.

CREATE TABLE conversations (
    thread_id  text PRIMARY KEY,
    status     text NOT NULL DEFAULT 'open',
    assignee   text,
    tags       text[] NOT NULL DEFAULT '{}',
    version    integer NOT NULL,
    changed_at timestamptz NOT NULL,
    seq        bigint NOT NULL
);
CREATE INDEX conversations_of ON conversations (assignee, changed_at DESC, thread_id DESC)
 WHERE assignee IS NOT NULL;
CREATE INDEX conversations_by_tag ON conversations USING gin (tags);

CREATE TABLE notes (
    note_id   text PRIMARY KEY,
    thread_id text NOT NULL,
    author_id text NOT NULL,
    text      text NOT NULL,
    mentions  text[] NOT NULL,
    at        timestamptz NOT NULL,
    seq       bigint NOT NULL
);
CREATE INDEX notes_of_thread ON notes (thread_id, seq);
ALTER TABLE notes ALTER COLUMN text SET STATISTICS 0;

-- Mentions, assignments, reminders; new mail is told by the copies themselves (email_holders).
CREATE TABLE notices (
    notice_id text PRIMARY KEY,
    person_id text NOT NULL,
    kind      text NOT NULL,
    email_id  text,
    thread_id text,
    actor     text NOT NULL,
    at        timestamptz NOT NULL,
    seq       bigint NOT NULL
);
CREATE INDEX notices_of ON notices (person_id, at DESC, notice_id DESC);
CREATE INDEX email_holders_telling ON email_holders (holder_id, held_at DESC, email_id DESC)
 WHERE NOT is_quiet AND NOT is_read AND folder NOT IN ('trash', 'junk', 'archive', 'sent');
DELETE FROM checkpoints WHERE stream = 'EMAIL';
