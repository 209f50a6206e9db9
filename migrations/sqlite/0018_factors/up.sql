-- The second factors of accounts. A factor is asked for once it is confirmed. The seed is sealed by a key that is not in here.
-- last_step is the step of the last accepted code: no step is accepted twice, and none before it. Wrong codes in a row are
-- counted by factor, over all sign-ins.
CREATE TABLE factors (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    confirmed_at TEXT CHECK (length(confirmed_at) = 27),
    last_used_at TEXT CHECK (length(last_used_at) = 27),
    sealed_seed BLOB NOT NULL,
    last_step INTEGER,
    drift INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    window_started_at TEXT NOT NULL CHECK (length(window_started_at) = 27),
    locked_until TEXT CHECK (length(locked_until) = 27),
    level INTEGER NOT NULL
) STRICT;
CREATE INDEX factors_by_user ON factors (user_id, created_at, id);
-- Enrolments that nobody has finished are deleted by this one.
CREATE INDEX factors_by_creation ON factors (created_at) WHERE confirmed_at IS NULL;

-- The recovery codes of accounts: the SHA-256 of the account and the code, which has 120 random bits.
CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    used_at TEXT CHECK (length(used_at) = 27),
    PRIMARY KEY (user_id, digest)
) STRICT, WITHOUT ROWID;

-- Sign-ins that wait for their second factor. Of the token, the SHA-256 is kept. Each try of a code is counted before the code
-- is checked. Rows are deleted an hour after their beginning.
CREATE TABLE pending_sign_ins (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    -- The proofs so far: JSON, as in sessions.
    authentications TEXT NOT NULL,
    -- The attempt at a provider, if there was one. No foreign key: attempts are deleted by their own time.
    attempt_id BLOB UNIQUE CHECK (length(attempt_id) = 16),
    token_digest TEXT NOT NULL UNIQUE,
    begun_at TEXT NOT NULL CHECK (length(begun_at) = 27),
    tries INTEGER NOT NULL,
    ended_at TEXT CHECK (length(ended_at) = 27)
) STRICT;
CREATE INDEX pending_sign_ins_by_user ON pending_sign_ins (user_id);
-- Old rows are deleted by this one.
CREATE INDEX pending_sign_ins_by_begin ON pending_sign_ins (begun_at);
