-- The keys that tokens are signed with. The private half is sealed by a key that is not in here, and removed once it can be of
-- no use. Rows stay, so that the key of an old token can be named.
CREATE TABLE signing_keys (
    id text COLLATE "C" NOT NULL,
    algorithm text NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    retired_at timestamptz,
    revoked_at timestamptz,
    public_jwk jsonb NOT NULL,
    sealed_private bytea,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (id)
);

-- One at a time changes which key signs.
INSERT INTO guards (name, n) VALUES ('signing_keys', 0);
