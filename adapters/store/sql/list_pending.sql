-- What is pending has a due_at; SQLite knows the index intents_due by its condition.
SELECT id
FROM intents
WHERE outcome IN ('open', 'queued', 'unknown') AND due_at IS NOT NULL AND id > $1
ORDER BY id
LIMIT $2;
