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

-- Somebody active holds the role `admin`.
INSERT INTO guards (name, n) VALUES ('last_admin', 0);

-- The roles and permissions that the service itself relies on. `admin` may do everything.
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
