CREATE TABLE rollups_by_month (
    cut SMALLINT NOT NULL,
    question_id BIGINT NOT NULL,
    month INTEGER NOT NULL,
    unit_id BIGINT NOT NULL,
    field_id BIGINT NOT NULL,
    procedure_id BIGINT NOT NULL,
    stage SMALLINT NOT NULL,
    channel SMALLINT NOT NULL,
    flagged SMALLINT NOT NULL,
    n5 BIGINT NOT NULL,
    n4 BIGINT NOT NULL,
    n3 BIGINT NOT NULL,
    n2 BIGINT NOT NULL,
    n1 BIGINT NOT NULL,
    na BIGINT NOT NULL,
    PRIMARY KEY (cut, question_id, month, unit_id, field_id, procedure_id, stage, channel, flagged)
);

INSERT INTO rollups_by_month
SELECT cut, question_id, month, unit_id, field_id, procedure_id, stage, channel, flagged,
    n5, n4, n3, n2, n1, na
FROM rollups
WHERE cut <= 5;

DROP TABLE rollups;

ALTER TABLE rollups_by_month RENAME TO rollups;

ALTER INDEX rollups_by_month_pkey RENAME TO rollups_pkey;
