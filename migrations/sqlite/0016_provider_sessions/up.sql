-- With which session at a provider a session began, so that the provider can end it (OpenID Connect Back-Channel Logout 1.0).
-- Of the id of that session, `sid`, the SHA-256 is kept; NULL if the provider states none.
CREATE TABLE provider_sessions (
    session_id BLOB NOT NULL PRIMARY KEY CHECK (length(session_id) = 16) REFERENCES sessions (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    sid_digest TEXT
) STRICT;
CREATE INDEX provider_sessions_by_sid ON provider_sessions (sid_digest, session_id);
CREATE INDEX provider_sessions_by_subject ON provider_sessions (subject, session_id);

-- The logout tokens that were used, as the SHA-256 of their issuer and `jti`. Rows are deleted an hour after the token expired.
CREATE TABLE logout_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 27)
) STRICT;
CREATE INDEX logout_tokens_by_expiry ON logout_tokens (expires_at);
