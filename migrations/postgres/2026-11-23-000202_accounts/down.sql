DROP TABLE api_keys;
DROP TABLE recovery_codes;
DROP TABLE invitations;
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
ALTER TABLE people DROP COLUMN totp_last_step;
ALTER TABLE people DROP COLUMN totp_confirmed_at;
ALTER TABLE people DROP COLUMN totp_secret;
