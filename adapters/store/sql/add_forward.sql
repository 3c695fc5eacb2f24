INSERT INTO forwards (kind, account_id, subject_id, status, status_at, created_at, attempts, dead, due_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $6);
