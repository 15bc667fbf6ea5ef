-- What lists are read by, and what the cursors of their pages are proven by. Names are ordered by their octets, whatever
-- the database's collation.
CREATE INDEX enrollment_group_by_name ON enrollment_group (organization_id, name COLLATE "C");
CREATE INDEX enrollment_group_by_age ON enrollment_group (organization_id, created_at, id);
CREATE INDEX individual_enrollment_by_name ON individual_enrollment (organization_id, registration_id COLLATE "C");
CREATE INDEX individual_enrollment_by_age ON individual_enrollment (organization_id, created_at, id);
CREATE INDEX anchor_by_name ON anchor (organization_id, name COLLATE "C");
CREATE INDEX anchor_by_age ON anchor (organization_id, created_at, id);

-- Exactly one row, drawn here: each process that answers lists proves cursors by it. Whoever reads it could go on with a
-- list anywhere, which its rights on the rows allow it anyway.
CREATE TABLE cursor_key (
    only_one BIGINT PRIMARY KEY CHECK (only_one = 1),
    key      BYTEA  NOT NULL CHECK (length(key) = 32)
);
-- Two random UUIDs hold 244 random bits, from the server's strong source; what is hashed has 32 octets.
INSERT INTO cursor_key (only_one, key)
SELECT 1, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));
