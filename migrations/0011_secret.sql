-- Data keys: one per purpose, organization and version; wrapped by the root sealing key of the purpose.
CREATE TABLE data_key (
    purpose         TEXT   NOT NULL,          -- device_secrets | issuer_keys | service_keys
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    version         BIGINT NOT NULL,
    wrapped         BYTEA  NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (purpose, organization_id, version)
);

-- Software keys, sealed. Named by issuer.key_uri as software:<id>.
CREATE TABLE software_key (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    purpose         TEXT   NOT NULL,          -- issuer_keys | service_keys
    spki            BYTEA  NOT NULL,          -- DER SubjectPublicKeyInfo
    sealed          BYTEA  NOT NULL,          -- sealed PKCS#8
    data_key        BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);

-- The TLS certificate of the house itself: the newest row is served.
CREATE TABLE service_certificate (
    certificate_id BYTEA  PRIMARY KEY REFERENCES certificate (id),
    key_id         BYTEA  NOT NULL REFERENCES software_key (id),
    created_at     BIGINT NOT NULL
);
