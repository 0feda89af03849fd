-- What turns mail of group accounts into cases. All of it is made from the log.

-- EMAIL: mail that may open a case; settled as soon as it has one, or a person says what it is about.
CREATE TABLE case_mail (
    email_id    text COLLATE "C" PRIMARY KEY,
    account_id  text COLLATE "C" NOT NULL,
    template_id text COLLATE "C",
    request_id  text COLLATE "C",
    settled     boolean NOT NULL DEFAULT false,
    email_seq   bigint NOT NULL
);
CREATE INDEX case_mail_open ON case_mail (email_seq) WHERE NOT settled;

-- EMAIL: the last request for a case under a claim: a conversation's id, or an e-mail's.
CREATE TABLE case_requests (
    claim      text COLLATE "C" PRIMARY KEY,
    email_id   text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    email_seq  bigint NOT NULL
);
CREATE INDEX case_requests_of_email ON case_requests (email_id);

-- CRM: cases, whose they are and which request they came from.
CREATE TABLE cases (
    case_id     text COLLATE "C" PRIMARY KEY,
    number      bigint,
    account_id  text COLLATE "C",
    contact_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
    lead_id     text COLLATE "C",
    request_id  text COLLATE "C",
    user_id     text COLLATE "C",
    crm_seq     bigint NOT NULL
);
CREATE INDEX cases_by_number ON cases (number) WHERE number IS NOT NULL;
CREATE INDEX cases_by_request ON cases (request_id) WHERE request_id IS NOT NULL;

DELETE FROM checkpoints WHERE consumer = 'index' AND stream IN ('CRM', 'EMAIL');
