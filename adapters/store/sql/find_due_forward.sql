SELECT id
FROM forwards
WHERE due_at <= $1
LIMIT 1;
