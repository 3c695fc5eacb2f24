-- $2 and $4 say whether any sender, any recipient will do.
SELECT m.id
FROM intents AS i
JOIN messages AS m ON m.id >= i.id AND m.id < i.id + i.message_count
WHERE i.account_id = $1
    AND (CAST($2 AS INTEGER) = 1 OR i.sender = ANY($3::text[]))
    AND (CAST($4 AS INTEGER) = 1 OR m.recipient = ANY($5::text[]))
ORDER BY i.id DESC, m.id DESC
LIMIT $6;
