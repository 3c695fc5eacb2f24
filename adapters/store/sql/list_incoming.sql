SELECT id, upstream_id, account_id, sender, recipient, body, segments, received_at, raw
FROM incoming
WHERE account_id = $1
ORDER BY id DESC
LIMIT $2;
