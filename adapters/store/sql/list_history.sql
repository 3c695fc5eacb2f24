SELECT upstream_message_id, batch_id, recipient, status, status_at, segments, price, currency, reference, raw
FROM reports
WHERE message_id = $1
ORDER BY id;
