SELECT m.id
FROM intents AS i
JOIN messages AS m ON m.id >= i.id AND m.id < i.id + i.message_count
WHERE i.id = ANY($1::integer[]);
