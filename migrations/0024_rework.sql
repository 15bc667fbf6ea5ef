-- Units that are given another certificate on the line: how often, and whether one is due. The next order at a station
-- under a new key closes it again, in its own transaction.
CREATE TABLE rework (
    device_id       BYTEA  PRIMARY KEY REFERENCES device (id),
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    reworks         BIGINT NOT NULL CHECK (reworks > 0), -- how often it was opened
    is_open         BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    station_id      BYTEA  NOT NULL,          -- where it was opened last
    opened_at       BIGINT NOT NULL
);

-- How often one unit may be reworked, and what becomes of what it had.
ALTER TABLE station ADD COLUMN most_reworks BIGINT NOT NULL DEFAULT 3;
ALTER TABLE station ADD COLUMN rework_revokes BIGINT NOT NULL DEFAULT 1;
