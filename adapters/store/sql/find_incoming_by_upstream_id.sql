SELECT id, upstream_id, account_id, sender, recipient, body, segments, received_at, raw
FROM incoming
WHERE upstream_id = $1;
