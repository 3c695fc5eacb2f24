DELETE FROM accounts WHERE account_key = $1 RETURNING account_id;
