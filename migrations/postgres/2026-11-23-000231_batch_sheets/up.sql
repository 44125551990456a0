-- Sheets as they were keyed, kept apart while their batch is open: they become answers when its keying ends.
-- Of a sheet that was struck out the row stays, so that its number is not given again.
CREATE TABLE batch_sheets (
    batch_id BIGINT NOT NULL REFERENCES batches (id),
    sheet INTEGER NOT NULL CHECK (sheet > 0),
    scores JSONB NOT NULL,
    comment TEXT NOT NULL,
    struck SMALLINT NOT NULL CHECK (struck IN (0, 1)),
    PRIMARY KEY (batch_id, sheet)
);

-- Sheets among those keyed that were struck out.
ALTER TABLE batches ADD COLUMN struck INTEGER NOT NULL DEFAULT 0 CHECK (struck >= 0);
