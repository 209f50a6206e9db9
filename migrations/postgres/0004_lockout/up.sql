-- Wrong passwords, counted by account and scope. The account is an id or, for a name that no account has, a digest of the
-- name, so there is no foreign key. The scope is the network that they came from, or '' for all networks together that the
-- owner is not known to come from.
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

-- The networks that owners have signed in from.
CREATE TABLE known_networks (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network text COLLATE "C" NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT known_networks_pkey PRIMARY KEY (user_id, network)
);
CREATE INDEX known_networks_by_sight ON known_networks (last_seen_at);
