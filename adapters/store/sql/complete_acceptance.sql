-- A batch that a delivery report or another node found first: it takes the price, and the time of the next look.
UPDATE intents SET
    price = COALESCE(price, $2),
    currency = COALESCE(currency, $3),
    due_at = CASE WHEN unfinished = 0 OR due_at IS NULL THEN NULL ELSE CAST($4 AS BIGINT) END
WHERE id = $1 AND outcome = 'accepted'
RETURNING outcome, batch_id, reason, price, currency;
