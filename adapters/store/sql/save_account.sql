INSERT INTO accounts
    (account_key, account_id, api_key_hash, token_sealed, token_file, token_fingerprint, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_key) DO UPDATE SET
    account_id = excluded.account_id,
    api_key_hash = excluded.api_key_hash,
    token_sealed = excluded.token_sealed,
    token_file = excluded.token_file,
    token_fingerprint = excluded.token_fingerprint,
    created_at = excluded.created_at;
