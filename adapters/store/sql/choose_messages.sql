-- $2 says whether any recipient will do.
SELECT id
FROM messages
WHERE id = ANY($1::integer[]) AND (CAST($2 AS INTEGER) = 1 OR recipient = ANY($3::text[]))
ORDER BY id DESC
LIMIT $4;
