-- With which session at a provider a session began, so that the provider can end it (OpenID Connect Back-Channel Logout 1.0).
-- Of the id of that session, `sid`, the SHA-256 is kept; NULL if the provider states none.
CREATE TABLE provider_sessions (
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    provider text NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    sid_digest text COLLATE "C",
    CONSTRAINT provider_sessions_pkey PRIMARY KEY (session_id)
);
CREATE INDEX provider_sessions_by_sid ON provider_sessions (sid_digest, session_id);
CREATE INDEX provider_sessions_by_subject ON provider_sessions (subject, session_id);

-- The logout tokens that were used, as the SHA-256 of their issuer and `jti`. Rows are deleted an hour after the token expired.
CREATE TABLE logout_tokens (
    digest text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT logout_tokens_pkey PRIMARY KEY (digest)
);
CREATE INDEX logout_tokens_by_expiry ON logout_tokens (expires_at);
