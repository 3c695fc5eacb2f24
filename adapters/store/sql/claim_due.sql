-- $3 is 1 for the oldest first, -1 for the newest first.
SELECT id
FROM intents
WHERE outcome = ANY($1::text[]) AND due_at <= $2
ORDER BY id * CAST($3 AS INTEGER)
LIMIT $4
FOR UPDATE SKIP LOCKED;
