-- Programs that ask for tokens. Of a secret only the SHA-256 is kept. The tokens that a program has on its own account hold
-- for one grant_id: a new one ends them all, for good.
CREATE TABLE client_apps (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    secret_digest text,
    redirect_uris jsonb NOT NULL,
    origins jsonb NOT NULL,
    is_active boolean NOT NULL,
    grant_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT client_apps_pkey PRIMARY KEY (id),
    CONSTRAINT client_apps_grant_key UNIQUE (grant_id),
    CONSTRAINT client_apps_secret CHECK ((kind = 'confidential') = (secret_digest IS NOT NULL))
);

CREATE TABLE client_app_roles (
    client_id text COLLATE "C" NOT NULL REFERENCES client_apps (id) ON DELETE CASCADE,
    role_name text COLLATE "C" NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    CONSTRAINT client_app_roles_pkey PRIMARY KEY (client_id, role_name)
);
CREATE INDEX client_app_roles_by_role ON client_app_roles (role_name, client_id);
