UPDATE intents SET unfinished = 0, due_at = NULL WHERE id = $1;
