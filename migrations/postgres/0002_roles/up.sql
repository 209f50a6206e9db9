CREATE TABLE roles (
    name text COLLATE "C" NOT NULL,
    description text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (name)
);

CREATE TABLE permissions (
    name text COLLATE "C" NOT NULL,
    description text,
    created_at timestamptz NOT NULL,
    CONSTRAINT permissions_pkey PRIMARY KEY (name)
);

CREATE TABLE role_permissions (
    role_name text COLLATE "C" NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    permission_name text COLLATE "C" NOT NULL REFERENCES permissions (name) ON DELETE CASCADE,
    CONSTRAINT role_permissions_pkey PRIMARY KEY (role_name, permission_name)
);
CREATE INDEX role_permissions_by_permission ON role_permissions (permission_name, role_name);

CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_name text COLLATE "C" NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    granted_at timestamptz NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_name)
);
CREATE INDEX user_roles_by_role ON user_roles (role_name, user_id);

-- Somebody active holds the role `admin`.
INSERT INTO guards (name, n) VALUES ('last_admin', 0);

-- The roles and permissions that the service itself relies on. `admin` may do everything.
INSERT INTO roles (name, description, created_at, updated_at, version) VALUES
    ('admin', 'May do everything.', date_trunc('milliseconds', now()), date_trunc('milliseconds', now()), 1),
    ('user', 'Everybody.', date_trunc('milliseconds', now()), date_trunc('milliseconds', now()), 1);

INSERT INTO permissions (name, description, created_at)
SELECT name, description, date_trunc('milliseconds', now()) FROM (VALUES
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
) AS system (name, description);

INSERT INTO role_permissions (role_name, permission_name) SELECT 'admin', name FROM permissions;
