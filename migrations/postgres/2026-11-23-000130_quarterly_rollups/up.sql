-- Quarterly sums and counters beside the monthly sums, so that the page of a year reads no more rows than
-- that of a month. The new cuts hold the stages of the headline alone (3 refusal, 4 result).
CREATE TABLE rollups_by_quarter (
    cut SMALLINT NOT NULL,
    question_id BIGINT NOT NULL,
    month INTEGER NOT NULL,
    unit_id BIGINT NOT NULL,
    field_id BIGINT NOT NULL,
    procedure_id BIGINT NOT NULL,
    counter_id BIGINT NOT NULL,
    stage SMALLINT NOT NULL,
    channel SMALLINT NOT NULL,
    flagged SMALLINT NOT NULL,
    n5 BIGINT NOT NULL,
    n4 BIGINT NOT NULL,
    n3 BIGINT NOT NULL,
    n2 BIGINT NOT NULL,
    n1 BIGINT NOT NULL,
    na BIGINT NOT NULL,
    PRIMARY KEY
        (cut, question_id, month, unit_id, field_id, procedure_id, counter_id, stage, channel, flagged)
);

INSERT INTO rollups_by_quarter
SELECT cut, question_id, month, unit_id, field_id, procedure_id, 0, stage, channel, flagged,
    n5, n4, n3, n2, n1, na
FROM rollups;

INSERT INTO rollups_by_quarter
SELECT 6, question_id, day / 100 - (day / 100 % 100 - 1) % 3, 0, field_id, 0, 0, 0, channel,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
WHERE stage IN (3, 4)
GROUP BY question_id, day / 100 - (day / 100 % 100 - 1) % 3, field_id, channel,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups_by_quarter
SELECT 7, question_id, day / 100 - (day / 100 % 100 - 1) % 3, served_unit_id, 0, 0, 0, 0, 0,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
WHERE stage IN (3, 4)
GROUP BY question_id, day / 100 - (day / 100 % 100 - 1) % 3, served_unit_id,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups_by_quarter
SELECT 8, question_id, day / 100 - (day / 100 % 100 - 1) % 3, served_unit_id, field_id, 0, 0, 0, 0,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
WHERE stage IN (3, 4)
    AND question_id IN (SELECT id FROM questions WHERE role = 'headline')
GROUP BY question_id, day / 100 - (day / 100 % 100 - 1) % 3, served_unit_id, field_id,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END;

INSERT INTO rollups_by_quarter
SELECT 9, question_id, day / 100, served_unit_id, field_id, 0, counter_id, 0, 0,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
WHERE stage IN (3, 4)
    AND question_id IN (SELECT id FROM questions WHERE role = 'headline')
GROUP BY question_id, day / 100, served_unit_id, field_id, counter_id,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END;

DROP TABLE rollups;

ALTER TABLE rollups_by_quarter RENAME TO rollups;

ALTER INDEX rollups_by_quarter_pkey RENAME TO rollups_pkey;
