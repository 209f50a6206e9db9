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

CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE permissions (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27)
) STRICT, WITHOUT ROWID;

CREATE TABLE role_permissions (
    role_name TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    permission_name TEXT NOT NULL REFERENCES permissions (name) ON DELETE CASCADE,
    PRIMARY KEY (role_name, permission_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX role_permissions_by_permission ON role_permissions (permission_name, role_name);

CREATE TABLE user_roles (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_name TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    granted_at TEXT NOT NULL CHECK (length(granted_at) = 27),
    PRIMARY KEY (user_id, role_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_roles_by_role ON user_roles (role_name, user_id);

-- A rule over several rows is kept by taking its row here first: it makes all who keep the same rule wait for each other.
CREATE TABLE guards (
    name TEXT NOT NULL PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO guards (name, n) VALUES ('bootstrap', 0), ('last_admin', 0);

INSERT INTO roles (name, description, created_at, updated_at, version)
SELECT name, description, now, now, 1
FROM (SELECT 'admin' AS name, 'May do everything.' AS description UNION ALL SELECT 'user', 'Everybody.'),
    (SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') AS now);

WITH system (name, description) AS (VALUES
    ('users:read', 'See every account.'),
    ('users:write', 'Make, change, disable and delete accounts.'),
    ('roles:read', 'See roles and permissions.'),
    ('roles:write', 'Make, change, grant and delete roles and permissions.'),
    ('providers:read', 'See the identity providers.'),
    ('providers:write', 'Make, change and delete identity providers.'),
    ('client_apps:read', 'See the client apps.'),
    ('client_apps:write', 'Make, change and delete client apps.'),
    ('audit:read', 'Read the audit log.'),
    ('sessions:read', 'See everybody''s sessions.'),
    ('sessions:revoke', 'End anybody''s sessions.'),
    ('tokens:introspect', 'Ask whether a token is good.'),
    ('system:read', 'See the service''s health and metrics in full.')
)
INSERT INTO permissions (name, description, created_at)
SELECT name, description, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM system;

INSERT INTO role_permissions (role_name, permission_name) SELECT 'admin', name FROM permissions;
