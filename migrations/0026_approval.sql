-- Acts that wait for a second person. What is asked never changes; what becomes of it is settled once.
CREATE TABLE approval (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    act             TEXT   NOT NULL,          -- as the journal names acts
    request         TEXT   NOT NULL,          -- exactly what is asked, a line a part: what is done is read from here
    digest          BYTEA  NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the request
    object          TEXT   NOT NULL,          -- what would be changed
    generation      BIGINT NOT NULL,          -- of that, when it was asked: an approval of something else is none
    author          TEXT   NOT NULL,          -- who asked, as the journal writes principals
    state           TEXT   NOT NULL,          -- waiting | approved | refused | withdrawn
    decided_by      TEXT,
    decided_at      BIGINT,
    reason          TEXT,                     -- why it was refused
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,          -- its last instant
    CHECK ((state = 'waiting') = (decided_at IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL))
);
CREATE INDEX approval_here ON approval (organization_id, created_at, id);
