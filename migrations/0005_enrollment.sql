-- Enrollment groups: many devices under one attestation policy.
CREATE TABLE enrollment_group (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,          -- as the operator wrote it
    state           TEXT   NOT NULL,          -- enabled | disabled
    generation      BIGINT NOT NULL,
    attestation     TEXT   NOT NULL,          -- symmetric_key | certificate_chain
    profile_id      BYTEA  NOT NULL,
    issuer_id       BYTEA  NOT NULL,
    rekey           TEXT   NOT NULL,          -- allow | refuse: a new key inside one epoch
    rekeys_per_day  BIGINT NOT NULL,
    assigned_hub    TEXT,                     -- answered as assignedHub; absent = the installation's
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name),
    FOREIGN KEY (profile_id, organization_id) REFERENCES profile_grant (profile_id, organization_id),
    FOREIGN KEY (issuer_id, organization_id) REFERENCES issuer_grant (issuer_id, organization_id)
);

-- Individual enrollments: one device named in advance. A disabled one never falls through to a group.
CREATE TABLE individual_enrollment (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    registration_id TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,
    state           TEXT   NOT NULL,          -- enabled | disabled
    generation      BIGINT NOT NULL,
    attestation     TEXT   NOT NULL,
    profile_id      BYTEA  NOT NULL,
    issuer_id       BYTEA  NOT NULL,
    rekey           TEXT   NOT NULL,
    rekeys_per_day  BIGINT NOT NULL,
    assigned_hub    TEXT,
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, registration_id),
    FOREIGN KEY (profile_id, organization_id) REFERENCES profile_grant (profile_id, organization_id),
    FOREIGN KEY (issuer_id, organization_id) REFERENCES issuer_grant (issuer_id, organization_id)
);

-- The symmetric keys of a group or of an individual enrollment, sealed. Apart from the policy rows, so that a
-- database role can be given the one without the other.
CREATE TABLE enrollment_symmetric_key (
    enrollment_id   BYTEA  PRIMARY KEY,       -- enrollment_group.id or individual_enrollment.id
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    primary_key     BYTEA  NOT NULL,          -- sealed
    secondary_key   BYTEA  NOT NULL,          -- sealed
    data_key        BIGINT NOT NULL,          -- version of the organization's data key that sealed them
    created_at      BIGINT NOT NULL
);
