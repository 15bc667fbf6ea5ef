-- What lists of devices, certificates, orders and the journal are read by, and what is known of one request. All but
-- those of names and objects grow at their end, where new rows lie.
-- Names are ordered by their octets: the index that keeps them unique then serves the list as well.
ALTER TABLE device ALTER COLUMN registration_id TYPE TEXT COLLATE "C";
-- What is looked up by a key of its own, and by its organization besides, must not be looked for among all rows of the
-- organization, which a plan made on small tables would prefer: these indexes know organizations by another expression.
CREATE INDEX device_by_age ON device ((organization_id || ''::bytea), created_at, id);
CREATE INDEX issuance_order_by_age ON issuance_order ((organization_id || ''::bytea), created_at, id);
CREATE INDEX issuance_order_by_request ON issuance_order (request_id);
CREATE INDEX certificate_by_end ON certificate ((organization_id || ''::bytea), not_after, id);
CREATE INDEX journal_by_age ON journal (organization_id, at, id);
CREATE INDEX journal_by_object ON journal (organization_id, object, at, id);
CREATE INDEX submission_by_request ON submission (request_id);
