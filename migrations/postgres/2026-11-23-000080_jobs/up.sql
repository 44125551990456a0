-- Work that outlasts a request. A job is done in the transaction of its own effect: whatever else its row
-- says, nothing was changed unless it says done.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'abandoned')),
    step TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    beat_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    report JSONB,
    error TEXT NOT NULL,
    file_name TEXT,
    file BYTEA
);

CREATE INDEX jobs_by_person ON jobs (person, created_at);
