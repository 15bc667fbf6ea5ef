-- Revocations of many certificates at once: kept, done in steps, and gone on with after a crash.
CREATE TABLE mass_revocation (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    request         TEXT   NOT NULL,          -- exactly what is asked, a line a part: what is done is read from here
    author          TEXT   NOT NULL,          -- who asked, as the journal writes principals
    approval_id     BYTEA  REFERENCES approval (id), -- absent where nobody had to approve it
    state           TEXT   NOT NULL,          -- running | done
    expected        BIGINT NOT NULL,          -- how many certificates it was about when it was asked
    revoked         BIGINT NOT NULL,          -- how many it has revoked
    devices         BIGINT NOT NULL,          -- how many devices it has looked at
    steps           BIGINT NOT NULL,          -- raised by every step: of two that do one step, one is kept
    after_device    TEXT,                     -- the canonical registration id of the last device it has looked at
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT,
    CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE INDEX mass_revocation_here ON mass_revocation (organization_id, created_at, id);
CREATE INDEX mass_revocation_running ON mass_revocation (created_at, id) WHERE state = 'running';
