-- What a door of another process proved and handed in; a signer judges it again and settles it.
CREATE TABLE submission (
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    id_scope        TEXT   NOT NULL,
    registration_id TEXT   NOT NULL,          -- canonical
    presented       TEXT   NOT NULL,
    csr             BYTEA,                    -- DER, as received; absent for a plain registration, and once settled
    evidence        BYTEA,                    -- sealed under the organization's data key; absent once settled
    data_key        BIGINT NOT NULL,
    operation       BYTEA  NOT NULL UNIQUE,   -- 16 random octets: what the device polls
    request_id      BYTEA  NOT NULL,
    source          TEXT,                     -- address the door's socket saw
    received_at     BIGINT NOT NULL,          -- by the door's clock: the evidence is judged as of this instant
    state           TEXT   NOT NULL,          -- waiting | registered | ordered | refused
    order_id        BYTEA,                    -- when ordered
    slug            TEXT,                     -- when refused
    sentence        TEXT,                     -- when refused
    lease_epoch     BIGINT NOT NULL,          -- fencing: it is settled only under the epoch that took it
    lease_until     BIGINT NOT NULL,
    settled_at      BIGINT
);
CREATE INDEX submission_waiting ON submission (received_at, id) WHERE state = 'waiting';
CREATE INDEX submission_crowd ON submission (organization_id, received_at, id) WHERE state = 'waiting';
CREATE INDEX submission_settled ON submission (settled_at) WHERE settled_at IS NOT NULL;
