-- What one process does at a time, of all that share this database: which of them does it, and until when, unless it takes the
-- lease again.
CREATE TABLE leases (
    name text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    held_until timestamptz NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
);
