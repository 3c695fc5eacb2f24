SELECT id, kind, account_id, subject_id, status, status_at, created_at, attempts, dead, problem
FROM forwards
WHERE dead = 1
ORDER BY id
LIMIT $1;
