-- What is true of the whole installation. Exactly one row.
CREATE TABLE installation (
    only_one       BIGINT PRIMARY KEY CHECK (only_one = 1),
    trust_domain   TEXT   NOT NULL,  -- SPIFFE trust domain written into every device certificate; never changes
    restore_epoch  BIGINT NOT NULL,  -- second octet of every serial; raised by each restore from backup
    policy_version BIGINT NOT NULL,  -- raised by every change of policy; caches of policy compare it
    created_at     BIGINT NOT NULL
);
