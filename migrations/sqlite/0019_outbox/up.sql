-- Mails that are to be sent. A row is written by the transaction of the act that it tells of, and deleted when the mail is
-- sent or given up. What it says (its recipient, its link) is sealed by a key that is not in here.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    sealed_content BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    -- When it is given up.
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 27),
    -- When a node may try to send it. A node that takes it moves this time, so that no other one takes it meanwhile.
    claimed_until TEXT NOT NULL CHECK (length(claimed_until) = 27),
    attempts INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_claim ON outbox (claimed_until, id);
CREATE INDEX outbox_by_user ON outbox (user_id);

-- The tokens in the links of mails, as their SHA-256. A token is spent by deleting its row. Those with the same slot
-- replace each other.
CREATE TABLE mail_tokens (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    slot TEXT NOT NULL,
    purpose TEXT NOT NULL,
    -- The address that it was sent to.
    email TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    issued_at TEXT NOT NULL CHECK (length(issued_at) = 27),
    expires_at TEXT NOT NULL CHECK (length(expires_at) = 27),
    PRIMARY KEY (user_id, slot)
) STRICT, WITHOUT ROWID;
-- Old rows are deleted by this one.
CREATE INDEX mail_tokens_by_end ON mail_tokens (expires_at);
