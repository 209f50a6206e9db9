-- Whether the owner must choose another password before anything else: somebody else knows the present one.
ALTER TABLE users ADD COLUMN must_change_password INTEGER NOT NULL DEFAULT 0 CHECK (must_change_password IN (0, 1));
