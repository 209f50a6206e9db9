-- Ids are the 16 bytes of a UUID. Times are text of one width, `2026-11-23T09:30:00.000000Z`, so that they compare as
-- text in the order of time and an operator can read them.

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email TEXT NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
    username TEXT UNIQUE,
    full_name TEXT,
    locale TEXT,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    external_id TEXT,
    password_hash TEXT,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    last_sign_in_at TEXT CHECK (length(last_sign_in_at) = 27),
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_activity ON users (is_active, id);
CREATE INDEX users_by_activity_and_email ON users (is_active, email);

-- A rule over several rows is kept by updating its row here first: whoever keeps the same rule waits until that transaction
-- has ended.
CREATE TABLE guards (
    name TEXT NOT NULL PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The first account is made once.
INSERT INTO guards (name, n) VALUES ('bootstrap', 0);
