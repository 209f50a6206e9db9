-- Programs that ask for tokens. Of a secret only the SHA-256 is kept. The tokens that a program has on its own account hold
-- for one grant_id: a new one ends them all, for good.
CREATE TABLE client_apps (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    secret_digest TEXT,
    redirect_uris TEXT NOT NULL CHECK (json_valid(redirect_uris)),
    origins TEXT NOT NULL CHECK (json_valid(origins)),
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    grant_id BLOB NOT NULL UNIQUE CHECK (length(grant_id) = 16),
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    version INTEGER NOT NULL,
    CHECK ((kind = 'confidential') = (secret_digest IS NOT NULL))
) STRICT;

CREATE TABLE client_app_roles (
    client_id TEXT NOT NULL REFERENCES client_apps (id) ON DELETE CASCADE,
    role_name TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    PRIMARY KEY (client_id, role_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_app_roles_by_role ON client_app_roles (role_name, client_id);
