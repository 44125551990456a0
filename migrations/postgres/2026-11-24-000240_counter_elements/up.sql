-- The rollup by counter holds the elements too, so that what drives the index of a counter is read from a
-- few sums and not from all its tallies.
INSERT INTO rollups
    (cut, question_id, month, unit_id, field_id, procedure_id, counter_id, stage, channel, flagged,
     n5, n4, n3, n2, n1, na)
SELECT 9, question_id, day / 100, served_unit_id, field_id, 0, counter_id, 0, 0,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END,
    SUM(n5), SUM(n4), SUM(n3), SUM(n2), SUM(n1), SUM(na)
FROM tallies
WHERE stage IN (3, 4)
    AND question_id NOT IN (SELECT id FROM questions WHERE role = 'headline')
GROUP BY question_id, day / 100, served_unit_id, field_id, counter_id,
    CASE WHEN flags = 0 THEN 0 ELSE 1 END;
