CREATE TABLE sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id text NOT NULL,
    method text NOT NULL,
    device text NOT NULL,
    user_agent text,
    address text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    generation bigint NOT NULL,
    refresh_token uuid NOT NULL,
    refresh_issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    previous_token uuid,
    previous_spent_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_previous CHECK ((previous_token IS NULL) = (previous_spent_at IS NULL)),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Wrong passwords by account (or by the digest of a name that no account has, so no foreign key) and scope: a network
-- that the owner is known to come from, or '' for everywhere else.
CREATE TABLE sign_in_attempts (
    account uuid NOT NULL,
    scope text COLLATE "C" NOT NULL,
    failures bigint NOT NULL,
    window_started_at timestamptz NOT NULL,
    locked_until timestamptz,
    level bigint NOT NULL,
    touched_at timestamptz NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (account, scope)
);
CREATE INDEX sign_in_attempts_by_touch ON sign_in_attempts (touched_at);

CREATE TABLE known_networks (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network text COLLATE "C" NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT known_networks_pkey PRIMARY KEY (user_id, network)
);
CREATE INDEX known_networks_by_sight ON known_networks (last_seen_at);
