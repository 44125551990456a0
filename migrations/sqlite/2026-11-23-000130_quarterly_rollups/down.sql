CREATE TABLE rollups_by_month (
    cut INTEGER NOT NULL,
    question_id INTEGER NOT NULL,
    month INTEGER NOT NULL,
    unit_id INTEGER NOT NULL,
    field_id INTEGER NOT NULL,
    procedure_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    n5 INTEGER NOT NULL,
    n4 INTEGER NOT NULL,
    n3 INTEGER NOT NULL,
    n2 INTEGER NOT NULL,
    n1 INTEGER NOT NULL,
    na INTEGER NOT NULL,
    PRIMARY KEY (cut, question_id, month, unit_id, field_id, procedure_id, stage, channel, flagged)
) STRICT, WITHOUT ROWID;

INSERT INTO rollups_by_month
SELECT cut, question_id, month, unit_id, field_id, procedure_id, stage, channel, flagged,
    n5, n4, n3, n2, n1, na
FROM rollups
WHERE cut <= 5;

DROP TABLE rollups;

ALTER TABLE rollups_by_month RENAME TO rollups;
