-- Trust anchors: strangers' authorities, roots or intermediates, whose word about a device is taken.
CREATE TABLE anchor (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,          -- as the operator wrote it
    certificate     BYTEA  NOT NULL,          -- DER
    fingerprint     BYTEA  NOT NULL,          -- SHA-256 of the certificate
    status          TEXT   NOT NULL,          -- none | crl: how the status below it is learned
    state           TEXT   NOT NULL,          -- enabled | disabled
    generation      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, fingerprint)
);

-- Who may use an anchor: its owner, and children its owner granted it to. Rows that name an anchor refer to the grant.
CREATE TABLE anchor_grant (
    anchor_id       BYTEA  NOT NULL REFERENCES anchor (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (anchor_id, organization_id)
);

-- Authorities below an anchor, known in advance: they complete the chains of devices that present their leaf alone.
CREATE TABLE anchor_intermediate (
    anchor_id   BYTEA  NOT NULL REFERENCES anchor (id),
    fingerprint BYTEA  NOT NULL,
    certificate BYTEA  NOT NULL,              -- DER
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (anchor_id, fingerprint)
);

-- Strangers' CRLs, as an operator brought them. One gives way only to a newer one that covers the same.
CREATE TABLE anchor_list (
    anchor_id   BYTEA  NOT NULL REFERENCES anchor (id),
    covers      BYTEA  NOT NULL,              -- SHA-256 over its issuer and the part of it that the list covers
    der         BYTEA  NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (anchor_id, covers)
);

-- The anchors of a group. One anchor admits by at most one group of an organization.
CREATE TABLE enrollment_anchor (
    group_id        BYTEA  NOT NULL REFERENCES enrollment_group (id),
    organization_id BYTEA  NOT NULL,
    slot            TEXT   NOT NULL,          -- primary | secondary
    anchor_id       BYTEA  NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (group_id, slot),
    UNIQUE (anchor_id, organization_id),
    FOREIGN KEY (anchor_id, organization_id) REFERENCES anchor_grant (anchor_id, organization_id)
);

-- The certificates an individual enrollment is proven by. One certificate is one device's.
CREATE TABLE enrollment_certificate (
    enrollment_id   BYTEA  NOT NULL REFERENCES individual_enrollment (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    slot            TEXT   NOT NULL,          -- primary | secondary
    certificate     BYTEA  NOT NULL,          -- DER
    fingerprint     BYTEA  NOT NULL,          -- SHA-256 of the certificate
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (enrollment_id, slot),
    UNIQUE (organization_id, fingerprint)
);
