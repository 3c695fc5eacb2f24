SELECT id, message_count
FROM intents
WHERE erased = $1 AND created_at < $2 AND outcome NOT IN ('open', 'queued', 'unknown')
ORDER BY created_at, id
LIMIT $3
FOR UPDATE SKIP LOCKED;
