-- The tallies summed by month under a few cuts, so that a page over the province reads thousands of rows
-- and not millions. What a cut leaves out is zero.
CREATE TABLE rollups (
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

INSERT INTO rollups
SELECT 1, question_id, day / 100, 0, field_id, 0, stage, channel, CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
GROUP BY question_id, day / 100, field_id, channel, stage, CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups
SELECT 2, question_id, day / 100, served_unit_id, 0, 0, stage, channel, CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
GROUP BY question_id, day / 100, served_unit_id, channel, stage, CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups
SELECT 3, question_id, day / 100, served_unit_id, field_id, 0, stage, 0, CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
GROUP BY question_id, day / 100, served_unit_id, field_id, stage, CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups
SELECT 4, question_id, day / 100, deciding_unit_id, field_id, 0, stage, 0, CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
GROUP BY question_id, day / 100, deciding_unit_id, field_id, stage, CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups
SELECT 5, question_id, day / 100, 0, field_id, procedure_id, stage, 0, CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
GROUP BY question_id, day / 100, field_id, procedure_id, stage, CASE WHEN flags = 0 THEN 0 ELSE 1 END;
