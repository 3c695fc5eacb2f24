SELECT id
FROM incoming
WHERE erased = $1 AND received_at < $2
ORDER BY received_at, id
LIMIT $3
FOR UPDATE SKIP LOCKED;
