-- What a door of another process proved and handed in; a signer judges it again and settles it.
--
-- A door writes what it was told and nothing else: how far a submission has come is for signers alone to write.
CREATE TABLE submission (
    arrival         INTEGER PRIMARY KEY,      -- drawn by the database, in the order of arrival; no door chooses it
    id              BYTEA  NOT NULL UNIQUE CHECK (length(id) = 16),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    id_scope        TEXT   NOT NULL,
    registration_id TEXT   NOT NULL,          -- canonical
    presented       TEXT   NOT NULL,
    csr             BYTEA,                    -- DER, as received; absent for a plain registration, and once settled
    evidence        BYTEA,                    -- sealed under the organization's data key; absent once settled
    data_key        BIGINT NOT NULL,
    operation       BYTEA  NOT NULL UNIQUE CHECK (length(operation) = 16), -- random: what the device polls
    request_id      BYTEA  NOT NULL CHECK (length(request_id) = 16),
    source          TEXT,                     -- address the door's socket saw
    received_at     BIGINT NOT NULL,          -- by the door's clock: the evidence is judged as of this instant
    state           TEXT   NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'registered', 'ordered', 'refused')),
    order_id        BYTEA,                    -- when ordered
    slug            TEXT,                     -- when refused
    sentence        TEXT,                     -- when refused
    lease_epoch     BIGINT NOT NULL DEFAULT 0 CHECK (lease_epoch >= 0), -- fencing: it is settled only under the epoch that took it
    lease_until     BIGINT NOT NULL DEFAULT 0,
    settled_at      BIGINT
);
CREATE INDEX submission_waiting ON submission (arrival, id) WHERE state = 'waiting';
CREATE INDEX submission_crowd ON submission (organization_id, arrival, id) WHERE state = 'waiting';
CREATE INDEX submission_settled ON submission (settled_at) WHERE settled_at IS NOT NULL;
