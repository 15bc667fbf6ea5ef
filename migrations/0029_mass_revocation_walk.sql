-- What was under way when a revocation of many certificates was asked is kept a little later: it is done only after a walk over
-- its devices that began late enough to see that. Absent: no walk has begun, or nobody wrote down when; then one more is taken.
ALTER TABLE mass_revocation ADD COLUMN walk_began_at BIGINT;
