-- A job that was cancelled has changed nothing; its error is the sign-in name of who cancelled it.
ALTER TABLE jobs DROP CONSTRAINT jobs_state_check;

ALTER TABLE jobs ADD CONSTRAINT jobs_state_check
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'abandoned', 'cancelled'));
