-- The providers that are configured in the database, beside those of the settings. The client secret is sealed by a key that is
-- not in here. An identity names its provider without a foreign key: it stays when the provider is removed.
CREATE TABLE providers (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    display_name TEXT NOT NULL,
    icon TEXT,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL CHECK (json_valid(scopes)),
    claim_map TEXT NOT NULL CHECK (json_valid(claim_map)),
    registration INTEGER NOT NULL CHECK (registration IN (0, 1)),
    linking TEXT NOT NULL,
    email_domains TEXT NOT NULL CHECK (json_valid(email_domains)),
    tenants TEXT NOT NULL CHECK (json_valid(tenants)),
    hosted_domain TEXT,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    position INTEGER NOT NULL,
    sync_profile INTEGER NOT NULL CHECK (sync_profile IN (0, 1)),
    sealed_secret BLOB,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    version INTEGER NOT NULL
) STRICT;

-- The identities that depend on a provider are counted before it is removed.
CREATE INDEX identities_by_provider ON identities (provider, user_id);
