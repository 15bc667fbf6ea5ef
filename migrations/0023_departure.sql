-- What is left of the last device of a name that is gone: whether the name may be taken again, and since when. The row of the
-- device itself stays, under a name no device can have: its registration id, a tilde and its id.
CREATE TABLE device_tombstone (
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    registration_id TEXT   NOT NULL,          -- canonical (lower case)
    device_id       BYTEA  NOT NULL,          -- a row of device; no foreign key, or each new device would walk this table on SQLite
    epitaph         TEXT   NOT NULL,          -- free | revoked | released: who may have the name next
    buried_at       BIGINT NOT NULL,
    PRIMARY KEY (organization_id, registration_id)
);

-- Devices let go to another organization, until it claims them. Whether there is one of that slug is nobody's business.
CREATE TABLE device_release (
    device_id       BYTEA  PRIMARY KEY REFERENCES device (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    to_slug         TEXT   NOT NULL,
    released_at     BIGINT NOT NULL
);
