-- What an organization may use is listed by since when it may.
CREATE INDEX profile_grant_here ON profile_grant (organization_id, created_at, profile_id);
CREATE INDEX issuer_grant_here ON issuer_grant (organization_id, created_at, issuer_id);
