-- What lists of organizations and of pinned certificates are read by: each index also finds what the one before it found.
DROP INDEX organization_below;
CREATE INDEX organization_below ON organization (parent_id, slug);
DROP INDEX client_certificate_here;
CREATE INDEX client_certificate_here ON client_certificate (organization_id, fingerprint);
