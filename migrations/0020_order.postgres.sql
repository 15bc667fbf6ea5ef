-- What lists of organizations, accounts and pinned certificates are read by: names ordered by their octets, whatever the
-- database's collation. Each index also finds what the one before it found.
CREATE INDEX organization_by_slug ON organization (slug COLLATE "C");
DROP INDEX organization_below;
CREATE INDEX organization_below ON organization (parent_id, slug COLLATE "C");
CREATE INDEX account_by_name ON account (organization_id, name COLLATE "C");
DROP INDEX client_certificate_here;
CREATE INDEX client_certificate_here ON client_certificate (organization_id, fingerprint COLLATE "C");
