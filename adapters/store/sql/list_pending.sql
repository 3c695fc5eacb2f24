-- In the words of the index intents_pending, by which SQLite knows it.
SELECT id
FROM intents
WHERE (outcome = 'open' OR outcome = 'queued' OR outcome = 'unknown') AND id > $1
ORDER BY id
LIMIT $2;
