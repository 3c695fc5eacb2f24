-- $3 says whether any sender will do.
SELECT id, message_count
FROM intents
WHERE account_id = $1 AND id <= $2 AND (CAST($3 AS INTEGER) = 1 OR sender = ANY($4::text[]))
ORDER BY id DESC
LIMIT $5;
