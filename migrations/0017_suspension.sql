-- An organization is suspended by itself, or by one above it. `state` says what holds for it; this says whether it is
-- suspended by itself, and since when.
ALTER TABLE organization ADD COLUMN suspended_at BIGINT;

-- Finds the organizations below another.
CREATE INDEX organization_below ON organization (parent_id);
