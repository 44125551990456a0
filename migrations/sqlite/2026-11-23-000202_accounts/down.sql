DROP TABLE api_keys;
DROP TABLE recovery_codes;
DROP TABLE invitations;
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
ALTER TABLE people DROP COLUMN totp_last_step;
ALTER TABLE people DROP COLUMN totp_confirmed_at;
ALTER TABLE people DROP COLUMN totp_secret;
