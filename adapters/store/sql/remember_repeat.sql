-- Returns a row where the fingerprint is new, or its call has expired by $5, or that call is $6 and does not count.
INSERT INTO repeats (account_id, fingerprint, first_id, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, fingerprint) DO UPDATE SET
    first_id = excluded.first_id,
    expires_at = excluded.expires_at
WHERE repeats.expires_at <= $5 OR repeats.first_id = CAST($6 AS INTEGER)
RETURNING first_id;
