-- A session is one row, which holds the current generation of its refresh token and the one before. It ends with its refresh
-- token (expires_at), by being ended (ended_at), or by not being used: idle_ends_at, NULL where no such end is set.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    -- How the owner has proved who they are: JSON, one entry a proof (method, provider, at).
    authentications TEXT NOT NULL,
    device TEXT NOT NULL,
    user_agent TEXT,
    address TEXT,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 27),
    generation INTEGER NOT NULL,
    refresh_token BLOB NOT NULL CHECK (length(refresh_token) = 16),
    refresh_issued_at TEXT NOT NULL CHECK (length(refresh_issued_at) = 27),
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 27),
    idle_ends_at TEXT CHECK (length(idle_ends_at) = 27),
    previous_token BLOB CHECK (length(previous_token) = 16),
    previous_spent_at TEXT CHECK (length(previous_spent_at) = 27),
    ended_at TEXT CHECK (length(ended_at) = 27),
    end_reason TEXT,
    CHECK ((previous_token IS NULL) = (previous_spent_at IS NULL)),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
-- Sessions that were not ended are counted by this index, and removed by it some time after they have expired.
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;
-- Those that were ended are removed by this one.
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;
-- For ending all of a client app's. Nearly all sessions are made by Doorward's own sign-in, whose are never ended so.
CREATE INDEX sessions_by_client ON sessions (client_id) WHERE ended_at IS NULL AND client_id <> 'doorward';
