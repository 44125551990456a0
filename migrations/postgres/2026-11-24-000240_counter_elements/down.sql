DELETE FROM rollups
WHERE cut = 9 AND question_id NOT IN (SELECT id FROM questions WHERE role = 'headline');
