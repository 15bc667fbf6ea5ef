-- Who did what to what. Rows are only ever added, in the transaction of the change they tell of.
-- commit_order: the transaction's id. A sequencer takes rows below pg_snapshot_xmin only; a plain sequence would let a
-- late commit land behind rows already sequenced.
CREATE TABLE journal (
    commit_order    BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    id              BYTEA  PRIMARY KEY,
    organization_id BYTEA,
    at              BIGINT NOT NULL,
    act             TEXT   NOT NULL,
    actor           TEXT   NOT NULL,
    object          TEXT   NOT NULL,
    request_id      BYTEA  NOT NULL,
    outcome         TEXT   NOT NULL,
    reason          TEXT,
    entry           BYTEA  NOT NULL,
    salt            BYTEA  NOT NULL
);
CREATE INDEX journal_by_order ON journal (commit_order, id);
CREATE INDEX journal_by_request ON journal (request_id);

CREATE TABLE refusal_tally (
    minute        BIGINT NOT NULL,
    source_prefix TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    refused       BIGINT NOT NULL,
    PRIMARY KEY (minute, source_prefix, reason)
);
