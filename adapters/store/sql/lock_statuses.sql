SELECT m.id, m.status
FROM intents AS i
JOIN messages AS m ON m.id >= i.id AND m.id < i.id + i.message_count
WHERE i.id = $1
FOR UPDATE OF m;
