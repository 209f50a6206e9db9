CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    method TEXT NOT NULL,
    device TEXT NOT NULL,
    user_agent TEXT,
    address TEXT,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 27),
    generation INTEGER NOT NULL,
    refresh_token BLOB NOT NULL CHECK (length(refresh_token) = 16),
    refresh_issued_at TEXT NOT NULL CHECK (length(refresh_issued_at) = 27),
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 27),
    previous_token BLOB CHECK (length(previous_token) = 16),
    previous_spent_at TEXT CHECK (length(previous_spent_at) = 27),
    ended_at TEXT CHECK (length(ended_at) = 27),
    end_reason TEXT,
    CHECK ((previous_token IS NULL) = (previous_spent_at IS NULL)),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Wrong passwords by account (or by the digest of a name that no account has, so no foreign key) and scope: a network
-- that the owner is known to come from, or '' for everywhere else.
CREATE TABLE sign_in_attempts (
    account BLOB NOT NULL CHECK (length(account) = 16),
    scope TEXT NOT NULL,
    failures INTEGER NOT NULL,
    window_started_at TEXT NOT NULL CHECK (length(window_started_at) = 27),
    locked_until TEXT CHECK (length(locked_until) = 27),
    level INTEGER NOT NULL,
    touched_at TEXT NOT NULL CHECK (length(touched_at) = 27),
    PRIMARY KEY (account, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_attempts_by_touch ON sign_in_attempts (touched_at);

CREATE TABLE known_networks (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 27),
    PRIMARY KEY (user_id, network)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_networks_by_sight ON known_networks (last_seen_at);
