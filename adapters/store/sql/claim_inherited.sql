-- Of one owner's also what is not due, except what it has claimed until $6 already.
SELECT id
FROM intents
WHERE outcome = ANY($1::text[])
    AND due_at IS NOT NULL
    AND (due_at <= $2 OR (owner = $5 AND due_at <> $6))
ORDER BY id * CAST($3 AS INTEGER)
LIMIT $4
FOR UPDATE SKIP LOCKED;
