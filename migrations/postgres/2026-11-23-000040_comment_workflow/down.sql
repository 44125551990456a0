DROP TABLE comment_events;
ALTER TABLE comments RENAME TO full_comments;
ALTER INDEX comments_pkey RENAME TO full_comments_pkey;
CREATE TABLE comments (
    served_unit_id BIGINT NOT NULL,
    id UUID NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (served_unit_id, id)
);
INSERT INTO comments SELECT served_unit_id, id, body FROM full_comments;
DROP TABLE full_comments;
