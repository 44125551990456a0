DROP TABLE comment_events;
ALTER TABLE comments RENAME TO full_comments;
CREATE TABLE comments (
    served_unit_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (served_unit_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO comments SELECT served_unit_id, id, body FROM full_comments;
DROP TABLE full_comments;
