-- The program before folds them in its own way.
UPDATE comments SET folded = NULL;
