UPDATE intents SET
    owner = $2,
    due_at = $3,
    attempted_at = CASE WHEN outcome = 'queued' THEN CAST($4 AS BIGINT) ELSE attempted_at END,
    outcome = CASE WHEN outcome = 'queued' THEN 'open' ELSE outcome END
WHERE id = ANY($1::integer[]);
