-- What is pending has a due_at; SQLite knows the index intents_due by its condition.
SELECT outcome, count(*)
FROM intents
WHERE outcome IN ('open', 'queued', 'unknown') AND due_at IS NOT NULL
GROUP BY outcome;
