-- A session is one row, which holds the current generation of its refresh token and the one before. It ends with its refresh
-- token (expires_at), by being ended (ended_at), or by not being used: idle_ends_at, NULL where no such end is set, has no
-- index, so that PostgreSQL need touch none when use is recorded.
CREATE TABLE sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id text COLLATE "C" NOT NULL,
    -- How the owner has proved who they are: JSON, one entry a proof (method, provider, at).
    authentications text NOT NULL,
    device text NOT NULL,
    user_agent text,
    address text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    generation bigint NOT NULL,
    refresh_token uuid NOT NULL,
    refresh_issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    idle_ends_at timestamptz,
    previous_token uuid,
    previous_spent_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_previous CHECK ((previous_token IS NULL) = (previous_spent_at IS NULL)),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
-- Sessions that were not ended are counted by this index, and removed by it some time after they have expired.
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;
-- Those that were ended are removed by this one.
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;
-- For ending all of a client app's. Nearly all sessions are made by Doorward's own sign-in, whose are never ended so.
CREATE INDEX sessions_by_client ON sessions (client_id) WHERE ended_at IS NULL AND client_id <> 'doorward';
