-- Only while the intent is held until $9 (NULL: whoever holds it).
UPDATE intents SET
    outcome = $2,
    batch_id = $3,
    reason = $4,
    price = $5,
    currency = $6,
    outcome_at = $7,
    due_at = CASE WHEN $2 = 'accepted' AND unfinished = 0 THEN NULL ELSE CAST($8 AS BIGINT) END
WHERE id = $1
    AND outcome IN ('open', 'queued', 'unknown')
    AND (CAST($9 AS BIGINT) IS NULL OR due_at = CAST($9 AS BIGINT))
RETURNING id;
