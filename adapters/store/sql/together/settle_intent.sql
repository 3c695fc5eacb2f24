-- The plus keeps SQLite from looking through all open intents instead of looking these up.
UPDATE intents SET
    outcome = settled.outcome,
    batch_id = settled.batch_id,
    reason = settled.reason,
    price = settled.price,
    currency = settled.currency,
    outcome_at = settled.at,
    due_at = CASE WHEN settled.outcome = 'accepted' AND unfinished = 0 THEN NULL ELSE settled.due END
FROM (
    SELECT
        json_extract(value, '$[0]') AS intent_id, json_extract(value, '$[1]') AS outcome,
        json_extract(value, '$[2]') AS batch_id, json_extract(value, '$[3]') AS reason,
        json_extract(value, '$[4]') AS price, json_extract(value, '$[5]') AS currency,
        json_extract(value, '$[6]') AS at, json_extract(value, '$[7]') AS due,
        json_extract(value, '$[8]') AS held_until
    FROM json_each(?1)
) AS settled
WHERE intents.id = settled.intent_id
    AND +intents.outcome IN ('open', 'queued', 'unknown')
    AND (
        settled.outcome NOT IN ('open', 'queued', 'unknown')
        OR settled.held_until IS NULL
        OR intents.due_at = settled.held_until
    )
RETURNING id;
