-- Mails that are to be sent. A row is written by the transaction of the act that it tells of, and deleted when the mail is
-- sent or given up. What it says (its recipient, its link) is sealed by a key that is not in here.
CREATE TABLE outbox (
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL,
    sealed_content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- When it is given up.
    expires_at timestamptz NOT NULL,
    -- When a node may try to send it. A node that takes it moves this time, so that no other one takes it meanwhile.
    claimed_until timestamptz NOT NULL,
    attempts bigint NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_by_claim ON outbox (claimed_until, id);
CREATE INDEX outbox_by_user ON outbox (user_id);

-- The tokens in the links of mails, as their SHA-256. A token is spent by deleting its row. Those with the same slot
-- replace each other.
CREATE TABLE mail_tokens (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    slot text COLLATE "C" NOT NULL,
    purpose text NOT NULL,
    -- The address that it was sent to.
    email text NOT NULL,
    digest text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT mail_tokens_pkey PRIMARY KEY (user_id, slot),
    CONSTRAINT mail_tokens_digest_key UNIQUE (digest)
);
-- Old rows are deleted by this one.
CREATE INDEX mail_tokens_by_end ON mail_tokens (expires_at);
