-- Stations of factories: each has units on its line furnished with certificates, by the terms of one group, within limits.
-- What was issued is counted by the transaction that keeps the order.
CREATE TABLE station (
    id              BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,          -- canonical (lower case)
    presented       TEXT   NOT NULL,          -- as the administrator wrote it
    line            TEXT,                     -- for people
    product         TEXT,                     -- for people
    group_id        BYTEA  NOT NULL REFERENCES enrollment_group (id), -- whose terms hold, and to what its units are bound
    state           TEXT   NOT NULL,          -- enabled | disabled
    generation      BIGINT NOT NULL,
    valid_from      BIGINT,                   -- its first instant; absent = at once
    valid_until     BIGINT,                   -- its last instant; absent = without end
    most            BIGINT CHECK (most >= 0), -- certificates in all; absent = as many as it likes
    most_per_day    BIGINT CHECK (most_per_day >= 0), -- certificates a day (UTC)
    issued          BIGINT NOT NULL CHECK (issued >= 0), -- orders made at it so far
    today           BIGINT NOT NULL,          -- the last day it had one made, in days since 1970 …
    issued_today    BIGINT NOT NULL,          -- … and how many on that day
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, name),
    CHECK (most IS NULL OR issued <= most)
);
CREATE INDEX station_by_age ON station (organization_id, created_at, id);
CREATE INDEX station_of_group ON station (group_id);

-- The station at which an order was made; absent where the device asked for itself.
ALTER TABLE issuance_order ADD COLUMN station_id BYTEA;

-- The station that gave its word; a door for devices may write none.
ALTER TABLE submission ADD COLUMN station_id BYTEA;

-- Finds the credentials of a station.
CREATE INDEX api_token_of_station ON api_token (station_id) WHERE station_id IS NOT NULL;
CREATE INDEX client_certificate_of_station ON client_certificate (station_id) WHERE station_id IS NOT NULL;
