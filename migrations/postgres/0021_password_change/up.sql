-- Whether the owner must choose another password before anything else: somebody else knows the present one.
ALTER TABLE users ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
