-- When a session ends unless somebody uses it; NULL: no sooner than its refresh token. Not indexed, so that PostgreSQL need
-- touch no index when use is recorded.
ALTER TABLE sessions ADD COLUMN idle_ends_at timestamptz;
