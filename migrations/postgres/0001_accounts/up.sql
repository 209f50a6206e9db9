-- Names that lists are sorted by are compared byte by byte (COLLATE "C"), as SQLite does, so that a cursor means the
-- same on both.

CREATE TABLE users (
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_verified boolean NOT NULL,
    username text COLLATE "C",
    full_name text,
    locale text,
    is_active boolean NOT NULL,
    external_id text,
    password_hash text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_key UNIQUE (username)
);
CREATE INDEX users_by_activity ON users (is_active, id);
CREATE INDEX users_by_activity_and_email ON users (is_active, email);

-- A rule over several rows is kept by updating its row here first: whoever keeps the same rule waits until that transaction
-- has ended.
CREATE TABLE guards (
    name text COLLATE "C" NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT guards_pkey PRIMARY KEY (name)
);

-- The first account is made once.
INSERT INTO guards (name, n) VALUES ('bootstrap', 0);
