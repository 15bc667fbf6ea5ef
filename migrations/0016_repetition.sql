-- Requests that were sent with a key of their sender's, so that one that comes again does nothing again. A row is
-- written in the transaction of the act; its answer a moment later.
CREATE TABLE repetition (
    spent_by        BYTEA  PRIMARY KEY CHECK (length(spent_by) = 16), -- the request that did the act
    principal       TEXT   NOT NULL,          -- as the journal writes it: everybody has keys of their own
    key             BYTEA  NOT NULL CHECK (length(key) = 32),     -- SHA-256 of the place and the key
    request         BYTEA  NOT NULL CHECK (length(request) = 32), -- SHA-256 of method, place and body
    organization_id BYTEA  REFERENCES organization (id),
    permission      TEXT   NOT NULL,          -- what the act needed: whoever is told its answer again needs it still
    object          TEXT   NOT NULL,          -- what it was done to
    spent_at        BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    answer          BYTEA,                    -- sealed: it may show secrets; absent until it is kept
    answer_organization_id BYTEA REFERENCES organization (id), -- whose data key sealed it
    data_key        BIGINT,                   -- and that key's version
    UNIQUE (principal, key),
    CHECK ((answer IS NULL) = (data_key IS NULL) AND (answer IS NULL) = (answer_organization_id IS NULL))
);
CREATE INDEX repetition_by_expiry ON repetition (expires_at);
