-- Certificate authorities: roots and the issuers below them.
CREATE TABLE issuer (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,
    role            TEXT   NOT NULL,          -- root | device | server: what it may sign below itself
    anchor          TEXT   NOT NULL,          -- device | server: which side of the trust bundle its chain belongs to
    parent_id       BYTEA  REFERENCES issuer (id), -- absent for a root
    certificate     BYTEA  NOT NULL,          -- DER
    key_uri         TEXT   NOT NULL,          -- where its private key is kept: software:<key id> | pkcs11:…
    state           TEXT   NOT NULL,          -- active | retiring | retired
    generation      BIGINT NOT NULL,
    status_url      TEXT   NOT NULL,          -- base of its permanent status URLs, without a trailing slash
    crl_shards      BIGINT NOT NULL,          -- 1 = one complete list; fixed at birth
    not_before      BIGINT NOT NULL,
    not_after       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);

-- Who may use an issuer: its owner, and children its owner granted it to. Rows that name an issuer refer to the grant.
CREATE TABLE issuer_grant (
    issuer_id       BYTEA  NOT NULL REFERENCES issuer (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, organization_id)
);
