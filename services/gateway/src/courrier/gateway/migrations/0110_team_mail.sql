-- EMAIL: mail that teams hold. A team's copy is a row of email_holders; what a member did with it
-- stands here and is good for as long as they are a member, which is asked when it is read.

-- folder: '.' is where the team has it, '' was given up.
CREATE TABLE team_copies (
    email_id     text NOT NULL,
    person_id    text NOT NULL,
    folder       text NOT NULL,
    is_read      boolean NOT NULL,
    is_important boolean NOT NULL,
    date         timestamptz NOT NULL,
    seq          bigint NOT NULL,
    PRIMARY KEY (email_id, person_id)
);
CREATE INDEX team_copies_folder ON team_copies (person_id, folder, date DESC, email_id DESC);
CREATE INDEX email_holders_of_teams ON email_holders (email_id) WHERE holder_type = 'group';

-- How many e-mails the same teams hold in the same folders (audience: team:folder:marks, by team),
-- and what of these each person has set: place '' counts those that are not as the team has them.
CREATE TABLE team_counters (
    audience  text NOT NULL,
    person_id text NOT NULL,
    place     text NOT NULL,
    total     bigint NOT NULL,
    unread    bigint NOT NULL,
    PRIMARY KEY (audience, person_id, place)
);
CREATE INDEX team_counters_of ON team_counters (person_id);

TRUNCATE email_holders, given_up, folder_counters;
DELETE FROM checkpoints WHERE stream = 'EMAIL';
