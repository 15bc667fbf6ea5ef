-- After a restore from a backup, before any process is started: as the owner of the database, in one transaction.
--   psql --single-transaction --set ON_ERROR_STOP=1 --file after-restore.sql
-- Serials from now on tell that they were given after this restore (their second octet).
UPDATE installation SET restore_epoch = restore_epoch + 1;
-- Lists with higher numbers than the backup remembers may be out there: RFC 5280 §5.2.3 wants every later number above
-- them. No installation publishes a million lists between two backups. Every list is due at once, and nobody holds a lease.
UPDATE crl_shard SET last_number = last_number + 1000000, marks = marks + 1, due_at = 0, lease_until = 0;
-- What was being worked on when the backup was taken is taken up again.
UPDATE issuance_order SET lease_until = 0 WHERE state = 'open';
