-- What lists of devices, certificates, orders and the journal are read by, and what is known of one request.
CREATE INDEX device_by_age ON device (organization_id, created_at, id);
CREATE INDEX issuance_order_by_age ON issuance_order (organization_id, created_at, id);
CREATE INDEX issuance_order_by_request ON issuance_order (request_id);
CREATE INDEX certificate_by_end ON certificate (organization_id, not_after, id);
CREATE INDEX journal_by_age ON journal (organization_id, at, id);
CREATE INDEX journal_by_object ON journal (organization_id, object, at, id);
CREATE INDEX submission_by_request ON submission (request_id);
