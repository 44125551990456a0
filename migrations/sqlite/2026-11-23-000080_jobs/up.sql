-- Work that outlasts a request. A job is done in the transaction of its own effect: whatever else its row
-- says, nothing was changed unless it says done.
CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'abandoned')),
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

CREATE INDEX jobs_by_person ON jobs (person, created_at);
