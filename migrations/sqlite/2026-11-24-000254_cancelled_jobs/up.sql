-- A job that was cancelled has changed nothing; its error is the sign-in name of who cancelled it.
CREATE TABLE jobs_new (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'abandoned', 'cancelled')),
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    beat_at TEXT NOT NULL,
    finished_at TEXT,
    report TEXT,
    error TEXT NOT NULL,
    file_name TEXT,
    file BLOB
) STRICT;

INSERT INTO jobs_new
    (id, kind, person, subject, state, step, done, total, created_at, started_at, beat_at, finished_at,
     report, error, file_name, file)
SELECT id, kind, person, subject, state, step, done, total, created_at, started_at, beat_at, finished_at,
    report, error, file_name, file
FROM jobs;

DROP TABLE jobs;

ALTER TABLE jobs_new RENAME TO jobs;

CREATE INDEX jobs_by_person ON jobs (person, created_at);
