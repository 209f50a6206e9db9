-- The keys that tokens are signed with, for all nodes. The private half is sealed by a key that is not in here; it goes
-- once the key can be of no use. Rows stay, so that an old token's key can be named.
CREATE TABLE signing_keys (
    id text COLLATE "C" NOT NULL,
    algorithm text NOT NULL,
    created_at timestamptz NOT NULL,
    begins_at timestamptz NOT NULL,
    retired_at timestamptz,
    revoked_at timestamptz,
    public_jwk jsonb NOT NULL,
    sealed_private bytea,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (id)
);

INSERT INTO guards (name, n) VALUES ('signing_keys', 0);
