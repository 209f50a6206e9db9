-- What accounts are found by: a text from the beginning of each word of name, username and address on, folded. `previous` is
-- the account's key that sorts before this one, empty at the first: a search finds an account at the key whose previous one sorts
-- before the searched text, and so once. `is_active` is the account's, so that either kind is found by an index too.
CREATE TABLE search_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    previous text COLLATE "C" NOT NULL,
    is_active boolean NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX search_keys_by_key ON search_keys (key, user_id, previous);
CREATE INDEX search_keys_by_activity_and_key ON search_keys (is_active, key, user_id, previous);
