-- A counter is closed for good from this day on.
ALTER TABLE counters ADD COLUMN closed_from TEXT;

-- The last answer of a link is one look into this index.
CREATE INDEX responses_by_link ON responses (link_id, answered_on);

-- Files that were previewed and may be applied within the hour, as they were.
CREATE TABLE uploads (
    person TEXT NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (person, hash, kind)
) STRICT;
