-- Frozen figures of a period. `complete` holds all counts and stays inside; `file` is what was published.
CREATE TABLE publications (
    id INTEGER PRIMARY KEY,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'approved', 'published')),
    frozen_at TEXT NOT NULL,
    complete BLOB NOT NULL,
    number INTEGER UNIQUE,
    published_at TEXT,
    sha256 TEXT UNIQUE,
    file BLOB,
    CHECK (period_from <= period_to),
    CHECK ((state = 'published') = (number IS NOT NULL AND published_at IS NOT NULL AND sha256 IS NOT NULL AND file IS NOT NULL)),
    UNIQUE (period_from, period_to, version)
) STRICT;

-- Of a period one version is being prepared, at most.
CREATE UNIQUE INDEX publications_open ON publications (period_from, period_to) WHERE state <> 'published';

CREATE TABLE publication_events (
    id INTEGER PRIMARY KEY,
    publication_id INTEGER NOT NULL REFERENCES publications (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    step TEXT NOT NULL,
    remark TEXT NOT NULL
) STRICT;
CREATE INDEX publication_events_by_publication ON publication_events (publication_id, id);

CREATE TRIGGER publications_stay BEFORE UPDATE ON publications
WHEN OLD.state = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a published figure does not change');
END;

CREATE TRIGGER publications_are_kept BEFORE DELETE ON publications
WHEN OLD.state = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a published figure does not change');
END;

CREATE TRIGGER publication_events_stay BEFORE UPDATE ON publication_events
BEGIN
    SELECT RAISE(ABORT, 'what was done is not rewritten');
END;
