-- What accounts are found by: a text from the beginning of each word of name, username and address on, folded. `is_active` is
-- the account's, so that either kind is found by an index too.
CREATE TABLE search_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    is_active boolean NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX search_keys_by_key ON search_keys (key, user_id);
CREATE INDEX search_keys_by_activity_and_key ON search_keys (is_active, key, user_id);
