-- The keys that seal secrets of this database, by their ids. A key itself is not in here: at most a copy that an external
-- system has encrypted (wrapped), which is removed when the key retires. Rows stay, so that an old id can be explained.
CREATE TABLE sealing_keys (
    id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    seals_from timestamptz,
    completed_at timestamptz,
    retired_at timestamptz,
    wrapped_by text,
    wrapped_key text,
    CONSTRAINT sealing_keys_pkey PRIMARY KEY (id),
    CONSTRAINT sealing_keys_wrapped CHECK ((wrapped_by IS NULL) = (wrapped_key IS NULL))
);

-- What each running node has said: with which key it seals, and whether it knows the upcoming one (asked).
CREATE TABLE sealing_nodes (
    node text COLLATE "C" NOT NULL,
    seen_at timestamptz NOT NULL,
    current_key text NOT NULL,
    asked_key text,
    knows boolean NOT NULL,
    CONSTRAINT sealing_nodes_pkey PRIMARY KEY (node)
);

-- One at a time changes which key seals.
INSERT INTO guards (name, n) VALUES ('sealing_keys', 0);

-- What is sealed here names its column as it is called since this migration; these rows live an hour at most, and whoever is
-- in the middle of a sign-in with a provider begins again.
DELETE FROM authorization_attempts;
