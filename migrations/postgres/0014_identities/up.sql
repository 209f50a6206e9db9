-- The people at providers who sign in to accounts. The key is the issuer and the subject, which an issuer gives to nobody
-- else. An e-mail address is none, because it can be given to another person.
CREATE TABLE identities (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    linked_at timestamptz NOT NULL,
    last_used_at timestamptz,
    CONSTRAINT identities_pkey PRIMARY KEY (id),
    CONSTRAINT identities_issuer_subject_key UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id, linked_at, id);

-- Attempts to sign in with a provider, or to link an identity to an account (link_user_id). An attempt is begun by a client,
-- answered by the provider, gets a code for the client, which is spent once, and perhaps offers a link, which is taken once.
-- Each step leaves its time, and needs the step before it. Of secrets, the SHA-256 is kept, or what is sealed by a key that is
-- not in here. Rows are deleted an hour after their beginning.
CREATE TABLE authorization_attempts (
    id uuid NOT NULL,
    provider text NOT NULL,
    link_user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    client_state text,
    challenge text NOT NULL,
    begun_at timestamptz NOT NULL,
    state_digest text COLLATE "C" NOT NULL,
    -- NULL if no browser has begun it.
    browser_digest text,
    sealed_verifier bytea NOT NULL,
    answered_at timestamptz,
    sealed_identity bytea,
    code_digest text COLLATE "C",
    code_issued_at timestamptz,
    code_spent_at timestamptz,
    -- No foreign key: it names the session of a spent code also when that session is gone.
    session_id uuid,
    link_digest text COLLATE "C",
    link_offered_at timestamptz,
    link_taken_at timestamptz,
    CONSTRAINT authorization_attempts_pkey PRIMARY KEY (id),
    CONSTRAINT authorization_attempts_state_key UNIQUE (state_digest),
    CONSTRAINT authorization_attempts_code_key UNIQUE (code_digest),
    CONSTRAINT authorization_attempts_link_key UNIQUE (link_digest),
    CONSTRAINT authorization_attempts_code CHECK ((code_issued_at IS NULL) = (code_digest IS NULL)),
    CONSTRAINT authorization_attempts_identity CHECK ((code_issued_at IS NULL) = (sealed_identity IS NULL)),
    CONSTRAINT authorization_attempts_issued CHECK (code_issued_at IS NULL OR answered_at IS NOT NULL),
    CONSTRAINT authorization_attempts_spent CHECK (code_spent_at IS NULL OR code_issued_at IS NOT NULL),
    CONSTRAINT authorization_attempts_session CHECK (session_id IS NULL OR code_spent_at IS NOT NULL),
    CONSTRAINT authorization_attempts_link CHECK ((link_offered_at IS NULL) = (link_digest IS NULL)),
    CONSTRAINT authorization_attempts_offered CHECK (link_offered_at IS NULL OR code_spent_at IS NOT NULL),
    CONSTRAINT authorization_attempts_taken CHECK (link_taken_at IS NULL OR link_offered_at IS NOT NULL)
);
CREATE INDEX authorization_attempts_by_link_user ON authorization_attempts (link_user_id);
-- Old rows are deleted by this one.
CREATE INDEX authorization_attempts_by_begin ON authorization_attempts (begun_at);
