-- Wrong passwords, counted by account and scope. The account is an id or, for a name that no account has, a digest of the
-- name, so there is no foreign key. The scope is the network that they came from, or '' for all networks together that the
-- owner is not known to come from.
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

-- The networks that owners have signed in from.
CREATE TABLE known_networks (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 27),
    PRIMARY KEY (user_id, network)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_networks_by_sight ON known_networks (last_seen_at);
