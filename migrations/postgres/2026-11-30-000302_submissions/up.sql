-- Forms that made something, for a day: one that is sent twice, by a double click or after going back, makes one
-- thing and leads to the same place. The id is a hash over the random proof of the page and all that was sent.
CREATE TABLE submissions (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    place TEXT NOT NULL
);

CREATE INDEX submissions_sent ON submissions (sent_at);
