-- What a certificate may say. A revision never changes; orders and intents pin the revision they were judged by.
CREATE TABLE profile (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,
    revision        BIGINT NOT NULL,          -- the revision new orders use
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE profile_revision (
    profile_id BYTEA  NOT NULL REFERENCES profile (id),
    revision   BIGINT NOT NULL,
    config     TEXT   NOT NULL,               -- JSON with its schema version
    created_at BIGINT NOT NULL,
    PRIMARY KEY (profile_id, revision)
);

CREATE TABLE profile_grant (
    profile_id      BYTEA  NOT NULL REFERENCES profile (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (profile_id, organization_id)
);
