SELECT id
FROM intents
WHERE outcome IN ('open', 'queued', 'unknown') AND id > $1
ORDER BY id
LIMIT $2;
