-- What is pending stays due: nobody else would find it.
UPDATE intents SET
    unfinished = 0,
    due_at = CASE WHEN outcome IN ('open', 'queued', 'unknown') THEN due_at END
WHERE id = $1;
