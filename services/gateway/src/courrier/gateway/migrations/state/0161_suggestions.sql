-- Filters that were suggested to a person and not wanted; no address, a digest of the suggestion.
CREATE TABLE dismissed_suggestions (
    person_id     text        NOT NULL,
    suggestion_id text        NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, suggestion_id)
);
