-- Raised by every change of the account.
ALTER TABLE account ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;

-- What is left of groups and individual enrollments that were deleted. Devices stay bound to them: whoever takes the name
-- later has another id.
CREATE TABLE enrollment_tombstone (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    kind            TEXT   NOT NULL,          -- group | individual
    name            TEXT   NOT NULL,          -- as it was shown
    attestation     TEXT   NOT NULL,          -- symmetric_key | certificate_chain
    created_at      BIGINT NOT NULL,
    deleted_at      BIGINT NOT NULL
);
