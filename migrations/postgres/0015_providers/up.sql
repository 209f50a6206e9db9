-- The providers that are configured in the database, beside those of the settings. The client secret is sealed by a key that is
-- not in here. An identity names its provider without a foreign key: it stays when the provider is removed.
CREATE TABLE providers (
    name text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    display_name text NOT NULL,
    icon text,
    issuer text NOT NULL,
    client_id text NOT NULL,
    scopes jsonb NOT NULL,
    claim_map jsonb NOT NULL,
    registration boolean NOT NULL,
    linking text NOT NULL,
    email_domains jsonb NOT NULL,
    tenants jsonb NOT NULL,
    hosted_domain text,
    enabled boolean NOT NULL,
    position bigint NOT NULL,
    sync_profile boolean NOT NULL,
    sealed_secret bytea,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT providers_pkey PRIMARY KEY (name)
);

-- The identities that depend on a provider are counted before it is removed. What is indexed is compared byte by byte.
ALTER TABLE identities ALTER COLUMN provider TYPE text COLLATE "C";
CREATE INDEX identities_by_provider ON identities (provider, user_id);
