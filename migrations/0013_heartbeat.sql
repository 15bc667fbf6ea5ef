-- The processes of an installation, as they report themselves.
CREATE TABLE heartbeat (
    process_id BYTEA  PRIMARY KEY,            -- drawn anew at each start
    role       TEXT   NOT NULL,               -- gateway_device | gateway_admin | status | signer | house
    host       TEXT   NOT NULL,
    version    TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    health     TEXT   NOT NULL                -- empty when well
);
