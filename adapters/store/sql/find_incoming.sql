SELECT id, upstream_id, account_id, sender, recipient, body, segments, received_at, raw
FROM incoming
WHERE id = $1 AND (account_id = $2 OR CAST($2 AS TEXT) IS NULL);
