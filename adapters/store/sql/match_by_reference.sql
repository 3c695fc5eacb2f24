SELECT m.id, m.status, m.status_at, i.id, i.account_id
FROM intents AS i
JOIN messages AS m ON m.id >= i.id AND m.id < i.id + i.message_count
WHERE i.id = $1 AND m.recipient = $2
FOR UPDATE OF m;
