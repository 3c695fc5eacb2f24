-- Those whose message was not found yet come after those nobody has looked at.
SELECT upstream_message_id, batch_id, recipient, status, status_at, segments, price, currency, reference, raw,
    id, received_at
FROM reports
WHERE fate IS NULL
ORDER BY looked_at, id
LIMIT $1
FOR UPDATE SKIP LOCKED;
