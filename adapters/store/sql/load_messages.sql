SELECT intent_id, id, recipient, refused
FROM messages
WHERE id = ANY($1::integer[])
ORDER BY id;
