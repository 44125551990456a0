-- Sheets as they were keyed, kept apart while their batch is open: they become answers when its keying ends.
-- Of a sheet that was struck out the row stays, so that its number is not given again.
CREATE TABLE batch_sheets (
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    sheet INTEGER NOT NULL CHECK (sheet > 0),
    scores TEXT NOT NULL,
    comment TEXT NOT NULL,
    struck INTEGER NOT NULL CHECK (struck IN (0, 1)),
    PRIMARY KEY (batch_id, sheet)
) STRICT, WITHOUT ROWID;

-- Sheets among those keyed that were struck out.
ALTER TABLE batches ADD COLUMN struck INTEGER NOT NULL DEFAULT 0 CHECK (struck >= 0);
