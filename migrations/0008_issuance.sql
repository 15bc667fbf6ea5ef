-- An order: what was asked and proved. Its identity is (device, profile, key, epoch).
CREATE TABLE issuance_order (
    id               BYTEA  PRIMARY KEY,
    organization_id  BYTEA  NOT NULL REFERENCES organization (id),
    device_id        BYTEA  NOT NULL REFERENCES device (id),
    profile_id       BYTEA  NOT NULL,
    profile_revision BIGINT NOT NULL,
    issuer_id        BYTEA  NOT NULL REFERENCES issuer (id),
    spki_hash        BYTEA  NOT NULL,
    csr              BYTEA  NOT NULL,         -- DER, as received: whoever signs judges it again
    epoch            BIGINT NOT NULL,
    kind             TEXT   NOT NULL,         -- first | renewal | rekey
    state            TEXT   NOT NULL,         -- open | fulfilled | failed | closed
    failure          TEXT,                    -- slug, when failed or closed
    certificate_id   BYTEA  NOT NULL,         -- its live or last intent
    operation        BYTEA  NOT NULL,         -- 16 random octets: DPS operation id
    evidence         TEXT   NOT NULL,         -- what proved the device, without its secrets
    request_id       BYTEA  NOT NULL,
    line_version     BIGINT NOT NULL,         -- the lineage version its intent raised the line to: which was asked last
    lease_epoch      BIGINT NOT NULL,         -- fencing: a record is kept only under the epoch that leased it
    lease_until      BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    UNIQUE (device_id, profile_id, epoch, spki_hash),
    FOREIGN KEY (profile_id, profile_revision) REFERENCES profile_revision (profile_id, revision)
);

-- Intent and certificate are one row, written and then completed: intended → issued | revoked | dead.
CREATE TABLE certificate (
    id               BYTEA  PRIMARY KEY,
    organization_id  BYTEA  NOT NULL REFERENCES organization (id),
    issuer_id        BYTEA  NOT NULL REFERENCES issuer (id),
    order_id         BYTEA,                   -- absent for certificates of the house itself
    device_id        BYTEA,
    profile_id       BYTEA  NOT NULL,
    profile_revision BIGINT NOT NULL,
    epoch            BIGINT NOT NULL,
    serial           BYTEA  NOT NULL,
    spki_hash        BYTEA  NOT NULL,
    shard            BIGINT NOT NULL,
    state            TEXT   NOT NULL,         -- intended | issued | superseded | revoked
    tbs              BYTEA,                   -- exact to-be-signed bytes; dropped once the certificate holds them
    tbs_hash         BYTEA  NOT NULL,
    der              BYTEA,                   -- absent while intended
    not_before       BIGINT NOT NULL,
    not_after        BIGINT NOT NULL,
    intended_at      BIGINT NOT NULL,
    issued_at        BIGINT,
    revoked_at       BIGINT,
    revoked_reason   TEXT
);
CREATE INDEX certificate_unfinished ON certificate (intended_at) WHERE state = 'intended';

-- Serials are unique in the installation and never reused, also when certificate rows are partitioned away.
CREATE TABLE serial (
    serial         BYTEA  PRIMARY KEY,
    issuer_id      BYTEA  NOT NULL,
    certificate_id BYTEA  NOT NULL
);

-- The line of a device's operational certificates under one profile: its epoch, at most one current and one provisional.
CREATE TABLE lineage (
    device_id       BYTEA  NOT NULL REFERENCES device (id),
    profile_id      BYTEA  NOT NULL REFERENCES profile (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    epoch           BIGINT NOT NULL,
    rise_pending    BIGINT NOT NULL,          -- 1 = the next order raises the epoch: told to move, or an intent was killed
    current_id      BYTEA,
    provisional_id  BYTEA,
    version         BIGINT NOT NULL,          -- raised by every change; an intent compares it with the one judged
    PRIMARY KEY (device_id, profile_id)
);
