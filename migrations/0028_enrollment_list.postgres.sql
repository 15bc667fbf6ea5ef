-- As with devices: names of enrollments are ordered by their octets, so that the index that keeps them unique serves the
-- lists as well, and what lists are read by in the order of age knows organizations by another expression. Whoever looks for
-- one enrollment is then never led through all enrollments of its organization, which a plan made on small tables would
-- prefer.
DROP INDEX enrollment_group_by_name;
DROP INDEX enrollment_group_by_age;
ALTER TABLE enrollment_group ALTER COLUMN name TYPE TEXT COLLATE "C";
CREATE INDEX enrollment_group_by_age ON enrollment_group ((organization_id || ''::bytea), created_at, id);
DROP INDEX individual_enrollment_by_name;
DROP INDEX individual_enrollment_by_age;
ALTER TABLE individual_enrollment ALTER COLUMN registration_id TYPE TEXT COLLATE "C";
CREATE INDEX individual_enrollment_by_age ON individual_enrollment ((organization_id || ''::bytea), created_at, id);
