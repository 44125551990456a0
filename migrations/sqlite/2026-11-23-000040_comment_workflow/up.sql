-- Comments learn where they were written, how satisfied their writers were, and how far their handling is.
-- The folded text is computed by the program, from the masked one; until then it is null.
ALTER TABLE comments RENAME TO bare_comments;

CREATE TABLE comments (
    served_unit_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    body TEXT NOT NULL,
    folded TEXT,
    day INTEGER NOT NULL,
    level INTEGER NOT NULL,
    scores TEXT NOT NULL,
    questionnaire_id INTEGER NOT NULL,
    counter_id INTEGER NOT NULL,
    field_id INTEGER NOT NULL,
    procedure_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    state INTEGER NOT NULL,
    assignee_id INTEGER REFERENCES people (id),
    due_on TEXT NOT NULL,
    PRIMARY KEY (served_unit_id, id)
) STRICT, WITHOUT ROWID;

-- Five working days after a Saturday or Sunday end on the Friday of the week that follows.
INSERT INTO comments
SELECT r.served_unit_id, c.id, c.body, NULL, CAST(strftime('%Y%m%d', r.answered_on) AS INTEGER),
    COALESCE(json_extract(r.scores, '$.overall'), 0), r.scores, r.questionnaire_id, r.counter_id, r.field_id,
    r.procedure_id, r.stage, r.channel, 1, NULL,
    date(r.answered_on, CASE strftime('%w', r.answered_on) WHEN '6' THEN '+6 days' WHEN '0' THEN '+5 days' ELSE '+7 days' END)
FROM responses r JOIN bare_comments c ON c.served_unit_id = r.served_unit_id AND c.id = r.comment_id;

DROP TABLE bare_comments;

CREATE INDEX comments_by_day ON comments (day, served_unit_id, id);
CREATE INDEX comments_by_unit ON comments (served_unit_id, day, id);
CREATE INDEX comments_by_id ON comments (id);
CREATE INDEX comments_unseen ON comments (served_unit_id, day) WHERE state = 1 AND level IN (1, 2);
CREATE INDEX comments_unfolded ON comments (served_unit_id, id) WHERE folded IS NULL;

CREATE TABLE comment_events (
    id INTEGER PRIMARY KEY,
    comment_id BLOB NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    step TEXT NOT NULL,
    body TEXT NOT NULL,
    assignee TEXT NOT NULL,
    due_on TEXT
) STRICT;
CREATE INDEX comment_events_by_comment ON comment_events (comment_id, id);
