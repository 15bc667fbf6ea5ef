-- Tenants, as a tree. The slug is written into certificates: immutable, never reused.
CREATE TABLE organization (
    id           BYTEA  PRIMARY KEY,
    slug         TEXT   NOT NULL UNIQUE,
    display_name TEXT   NOT NULL,
    parent_id    BYTEA  REFERENCES organization (id),
    state        TEXT   NOT NULL,             -- active | suspended
    generation   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);

-- The first path segment of the DPS device API. Unique in the installation, never reused; stored in upper case.
CREATE TABLE id_scope (
    scope           TEXT   PRIMARY KEY,
    organization_id BYTEA  NOT NULL REFERENCES organization (id),
    created_at      BIGINT NOT NULL
);
