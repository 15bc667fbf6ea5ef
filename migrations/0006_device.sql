-- A device: a registration id within an organization. Its id is written into its certificates.
CREATE TABLE device (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    registration_id TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,          -- as first presented; this form is the CN and the DPS deviceId
    state           TEXT   NOT NULL,          -- active | revoked
    revoked_at      BIGINT,
    revoked_reason  TEXT,
    generation      BIGINT NOT NULL,
    bound_method    TEXT   NOT NULL,          -- how it proves itself: symmetric_key | certificate_chain
    bound_kind      TEXT   NOT NULL,          -- group | individual: what holds the reference value …
    bound_to        BYTEA  NOT NULL,          -- … and its id
    operation       BYTEA  NOT NULL,          -- 16 random octets: DPS operation id of registrations without a CSR
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (organization_id, registration_id)
);
