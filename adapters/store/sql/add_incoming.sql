INSERT INTO incoming (id, upstream_id, account_id, sender, recipient, body, segments, received_at, raw)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (upstream_id) DO NOTHING
RETURNING id;
