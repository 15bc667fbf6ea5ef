-- Every public key the house knows, once in the installation. A blocked key is refused for ever, everywhere.
CREATE TABLE subject_key (
    spki_hash       BYTEA  PRIMARY KEY,       -- SHA-256 of the DER SubjectPublicKeyInfo
    organization_id BYTEA,                    -- absent for a key known only because it is blocked
    device_id       BYTEA,
    role            TEXT   NOT NULL,          -- operational | birth | issuer | service | stranger
    blocked_at      BIGINT,
    created_at      BIGINT NOT NULL
);

-- Finds the birth keys of a device whose keys are to be blocked. The others are found through its orders.
CREATE INDEX subject_key_birth ON subject_key (device_id) WHERE role = 'birth';
