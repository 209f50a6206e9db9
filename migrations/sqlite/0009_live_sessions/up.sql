-- Live sessions are counted by this index, and purged by it once they have expired; those that were ended have
-- sessions_by_end.
DROP INDEX sessions_by_expiry;
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;
