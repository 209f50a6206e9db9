-- The people at providers who sign in to accounts. The key is the issuer and the subject, which an issuer gives to nobody
-- else. An e-mail address is none, because it can be given to another person.
CREATE TABLE identities (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    linked_at TEXT NOT NULL CHECK (length(linked_at) = 27),
    last_used_at TEXT CHECK (length(last_used_at) = 27),
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_by_user ON identities (user_id, linked_at, id);

-- Attempts to sign in with a provider, or to link an identity to an account (link_user_id). An attempt is begun by a client,
-- answered by the provider, gets a code for the client, which is spent once, and perhaps offers a link, which is taken once.
-- Each step leaves its time, and needs the step before it. Of secrets, the SHA-256 is kept, or what is sealed by a key that is
-- not in here. Rows are deleted an hour after their beginning.
CREATE TABLE authorization_attempts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    provider TEXT NOT NULL,
    link_user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    client_state TEXT,
    challenge TEXT NOT NULL,
    begun_at TEXT NOT NULL CHECK (length(begun_at) = 27),
    state_digest TEXT NOT NULL UNIQUE,
    -- NULL if no browser has begun it.
    browser_digest TEXT,
    sealed_verifier BLOB NOT NULL,
    answered_at TEXT CHECK (length(answered_at) = 27),
    sealed_identity BLOB,
    code_digest TEXT UNIQUE,
    code_issued_at TEXT CHECK (length(code_issued_at) = 27),
    code_spent_at TEXT CHECK (length(code_spent_at) = 27),
    -- No foreign key: it names the session of a spent code also when that session is gone.
    session_id BLOB CHECK (length(session_id) = 16),
    link_digest TEXT UNIQUE,
    link_offered_at TEXT CHECK (length(link_offered_at) = 27),
    link_taken_at TEXT CHECK (length(link_taken_at) = 27),
    CHECK ((code_issued_at IS NULL) = (code_digest IS NULL)),
    CHECK ((code_issued_at IS NULL) = (sealed_identity IS NULL)),
    CHECK (code_issued_at IS NULL OR answered_at IS NOT NULL),
    CHECK (code_spent_at IS NULL OR code_issued_at IS NOT NULL),
    CHECK (session_id IS NULL OR code_spent_at IS NOT NULL),
    CHECK ((link_offered_at IS NULL) = (link_digest IS NULL)),
    CHECK (link_offered_at IS NULL OR code_spent_at IS NOT NULL),
    CHECK (link_taken_at IS NULL OR link_offered_at IS NOT NULL)
) STRICT;
CREATE INDEX authorization_attempts_by_link_user ON authorization_attempts (link_user_id);
-- Old rows are deleted by this one.
CREATE INDEX authorization_attempts_by_begin ON authorization_attempts (begun_at);
