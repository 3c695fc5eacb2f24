UPDATE intents SET
    unfinished = unfinished - 1,
    due_at = CASE WHEN unfinished = 1 THEN NULL ELSE due_at END
WHERE id = $1;
