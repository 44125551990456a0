-- A search looks for phrases of whole words, and for none that is masked: the program folds every comment anew.
UPDATE comments SET folded = NULL;
