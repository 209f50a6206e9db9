-- The second factors of accounts. A factor is asked for once it is confirmed. The seed is sealed by a key that is not in here.
-- last_step is the step of the last accepted code: no step is accepted twice, and none before it. Wrong codes in a row are
-- counted by factor, over all sign-ins.
CREATE TABLE factors (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_used_at timestamptz,
    sealed_seed bytea NOT NULL,
    last_step bigint,
    drift bigint NOT NULL,
    failures bigint NOT NULL,
    window_started_at timestamptz NOT NULL,
    locked_until timestamptz,
    level bigint NOT NULL,
    CONSTRAINT factors_pkey PRIMARY KEY (id)
);
CREATE INDEX factors_by_user ON factors (user_id, created_at, id);
-- Enrolments that nobody has finished are deleted by this one.
CREATE INDEX factors_by_creation ON factors (created_at) WHERE confirmed_at IS NULL;

-- The recovery codes of accounts: the SHA-256 of the account and the code, which has 120 random bits.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, digest)
);

-- Sign-ins that wait for their second factor. Of the token, the SHA-256 is kept. Each try of a code is counted before the code
-- is checked. Rows are deleted an hour after their beginning.
CREATE TABLE pending_sign_ins (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id text NOT NULL,
    -- The proofs so far: JSON, as in sessions.
    authentications text NOT NULL,
    -- The attempt at a provider, if there was one. No foreign key: attempts are deleted by their own time.
    attempt_id uuid,
    token_digest text COLLATE "C" NOT NULL,
    begun_at timestamptz NOT NULL,
    tries bigint NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (id),
    CONSTRAINT pending_sign_ins_attempt_key UNIQUE (attempt_id),
    CONSTRAINT pending_sign_ins_token_key UNIQUE (token_digest)
);
CREATE INDEX pending_sign_ins_by_user ON pending_sign_ins (user_id);
-- Old rows are deleted by this one.
CREATE INDEX pending_sign_ins_by_begin ON pending_sign_ins (begun_at);
