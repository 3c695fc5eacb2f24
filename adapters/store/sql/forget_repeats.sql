-- A few at each new one keep the table as large as what is remembered.
DELETE FROM repeats
WHERE (account_id, fingerprint) IN (
    SELECT account_id, fingerprint
    FROM repeats
    WHERE expires_at <= $1
    ORDER BY expires_at
    LIMIT 4
    FOR UPDATE SKIP LOCKED
);
