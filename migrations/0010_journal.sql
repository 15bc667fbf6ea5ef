-- Who did what to what. Rows are only ever added, in the transaction of the change they tell of.
-- commit_order: SQLite has one writer, so the row id is the order of commits.
CREATE TABLE journal (
    commit_order    INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BYTEA  NOT NULL UNIQUE,
    organization_id BYTEA,
    at              BIGINT NOT NULL,
    act             TEXT   NOT NULL,
    actor           TEXT   NOT NULL,
    object          TEXT   NOT NULL,
    request_id      BYTEA  NOT NULL,
    outcome         TEXT   NOT NULL,          -- done | refused
    reason          TEXT,                     -- slug of a refusal, or of a revocation
    entry           BYTEA  NOT NULL,          -- deterministic CBOR of the whole row
    salt            BYTEA  NOT NULL           -- leaf = SHA-256(0x00 ‖ salt ‖ entry)
);
CREATE INDEX journal_by_request ON journal (request_id);

-- Anonymous cheap refusals: counted, so that garbage cannot fill the journal.
CREATE TABLE refusal_tally (
    minute        BIGINT NOT NULL,            -- minutes since the Unix epoch
    source_prefix TEXT   NOT NULL,            -- IPv4 /24 or IPv6 /64
    reason        TEXT   NOT NULL,            -- slug
    refused       BIGINT NOT NULL,
    PRIMARY KEY (minute, source_prefix, reason)
);
