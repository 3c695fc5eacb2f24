UPDATE forwards SET due_at = $2
WHERE id IN (
    SELECT id
    FROM forwards
    WHERE due_at <= $1
    ORDER BY due_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, account_id, subject_id, status, status_at, created_at, attempts, dead, problem;
