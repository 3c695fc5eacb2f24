SELECT account_id, api_key_hash, token_sealed, token_file, token_fingerprint, created_at
FROM accounts
ORDER BY account_key;
