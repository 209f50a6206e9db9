-- What Doorward knows of a provider (its preset), who signs its client secret (Sign in with Apple; the key is the sealed secret),
-- and which of its groups give which roles, as a list of GROUP=ROLE.
ALTER TABLE providers ADD COLUMN preset TEXT;
ALTER TABLE providers ADD COLUMN team_id TEXT;
ALTER TABLE providers ADD COLUMN key_id TEXT;
ALTER TABLE providers ADD COLUMN roles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(roles));
ALTER TABLE providers
    ADD COLUMN roles_may_give_admin INTEGER NOT NULL DEFAULT 0 CHECK (roles_may_give_admin IN (0, 1));

-- What logout tokens have ended: a row for each session or person, as the SHA-256 of both. A sign-in that is not finished asks for
-- its own, which creates a row without this time, so that an end which comes at the same time has to wait.
ALTER TABLE logout_tokens ADD COLUMN ended_at TEXT CHECK (length(ended_at) = 27);
