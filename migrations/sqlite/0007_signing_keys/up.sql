-- The keys that tokens are signed with. The private half is sealed by a key that is not in here, and removed once it can be of
-- no use. Rows stay, so that the key of an old token can be named.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    signs_from TEXT NOT NULL CHECK (length(signs_from) = 27),
    retired_at TEXT CHECK (length(retired_at) = 27),
    revoked_at TEXT CHECK (length(revoked_at) = 27),
    public_jwk TEXT NOT NULL CHECK (json_valid(public_jwk)),
    sealed_private BLOB
) STRICT;

-- One at a time changes which key signs.
INSERT INTO guards (name, n) VALUES ('signing_keys', 0);
