-- People and programs that work at the admin plane. An account never moves to another organization.
CREATE TABLE account (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,          -- as it was first written
    kind            TEXT   NOT NULL,          -- person | program
    state           TEXT   NOT NULL,          -- enabled | disabled
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

-- Who has which role where; it holds in the organization and everything below. Either an account has it, or an
-- operating-system user on the admin Unix socket.
CREATE TABLE role_assignment (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    account_id      BYTEA  REFERENCES account (id),
    local_uid       BIGINT,
    role            TEXT   NOT NULL,          -- administrator | operator | auditor | factory
    created_at      BIGINT NOT NULL,
    CHECK ((account_id IS NULL) <> (local_uid IS NULL)),
    UNIQUE (account_id, organization_id, role),
    UNIQUE (local_uid, organization_id, role)
);
CREATE INDEX role_assignment_here ON role_assignment (organization_id, created_at, id);

-- API tokens, without their secrets. Each proves its holder, and does at most what its role holds below its organization.
CREATE TABLE api_token (
    id              BYTEA  PRIMARY KEY,       -- a part of the token
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    account_id      BYTEA  REFERENCES account (id),
    station_id      BYTEA,
    label           TEXT   NOT NULL,
    role            TEXT   NOT NULL,
    secret_hash     BYTEA  NOT NULL CHECK (length(secret_hash) = 32), -- SHA-256 of 256 random bits
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,          -- its last instant
    last_used_at    BIGINT,                   -- to the minute
    revoked_at      BIGINT,
    CHECK ((account_id IS NULL) <> (station_id IS NULL))
);
CREATE INDEX api_token_here ON api_token (organization_id, created_at, id);

-- Client certificates that prove somebody, pinned. One certificate proves one holder in the whole installation.
CREATE TABLE client_certificate (
    fingerprint     TEXT   PRIMARY KEY CHECK (length(fingerprint) = 64), -- SHA-256 of the certificate, hexadecimal
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    account_id      BYTEA  REFERENCES account (id),
    station_id      BYTEA,
    spki_hash       BYTEA  NOT NULL,
    not_before      BIGINT NOT NULL,
    not_after       BIGINT NOT NULL,
    certificate_id  BYTEA,                    -- where we issued it: its status counts
    created_at      BIGINT NOT NULL,
    CHECK ((account_id IS NULL) <> (station_id IS NULL))
);
CREATE INDEX client_certificate_here ON client_certificate (organization_id);
