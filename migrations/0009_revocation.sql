-- What goes on a CRL: kept apart from the certificates so that building a list reads one narrow range in serial order.
CREATE TABLE revocation (
    issuer_id  BYTEA  NOT NULL REFERENCES issuer (id),
    shard      BIGINT NOT NULL,
    serial     BYTEA  NOT NULL,
    revoked_at BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    not_after  BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, shard, serial)
);

-- Finds what need not be listed any more.
CREATE INDEX revocation_by_expiry ON revocation (issuer_id, shard, not_after);

-- One CRL shard: its dirty mark, its numbers, its pointer to what is published, and the lease of who may publish.
CREATE TABLE crl_shard (
    issuer_id        BYTEA  NOT NULL REFERENCES issuer (id),
    shard            BIGINT NOT NULL,
    marks            BIGINT NOT NULL,         -- raised by every revocation in the shard
    published_marks  BIGINT NOT NULL,         -- the marks the published list covers; behind = dirty
    last_number      BIGINT NOT NULL,         -- highest CRL number ever taken
    published_number BIGINT,                  -- pointer: the list that is served
    due_at           BIGINT NOT NULL,         -- when the next planned list is due
    lease_epoch      BIGINT NOT NULL,
    lease_until      BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, shard)
);

CREATE TABLE crl (
    issuer_id   BYTEA  NOT NULL REFERENCES issuer (id),
    shard       BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    tbs_hash    BYTEA  NOT NULL,              -- the intent: kept before the signature
    der         BYTEA,                        -- absent until signed and read back
    entries     BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, shard, number)
);
