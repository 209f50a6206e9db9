-- The keys that seal secrets of this database, by their ids. A key itself is not in here: at most a copy that an external
-- system has encrypted (wrapped), which is removed when the key retires. Rows stay, so that an old id can be explained.
CREATE TABLE sealing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    seals_from TEXT CHECK (length(seals_from) = 27),
    completed_at TEXT CHECK (length(completed_at) = 27),
    retired_at TEXT CHECK (length(retired_at) = 27),
    wrapped_by TEXT,
    wrapped_key TEXT,
    CHECK ((wrapped_by IS NULL) = (wrapped_key IS NULL))
) STRICT;

-- What each running node has said: with which key it seals, and whether it knows the upcoming one (asked).
CREATE TABLE sealing_nodes (
    node TEXT NOT NULL PRIMARY KEY,
    seen_at TEXT NOT NULL CHECK (length(seen_at) = 27),
    current_key TEXT NOT NULL,
    asked_key TEXT,
    knows INTEGER NOT NULL CHECK (knows IN (0, 1))
) STRICT;

-- One at a time changes which key seals.
INSERT INTO guards (name, n) VALUES ('sealing_keys', 0);

-- What is sealed here names its column as it is called since this migration; these rows live an hour at most, and whoever is
-- in the middle of a sign-in with a provider begins again.
DELETE FROM authorization_attempts;
