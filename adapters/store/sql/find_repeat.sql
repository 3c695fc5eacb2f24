SELECT first_id FROM repeats WHERE account_id = $1 AND fingerprint = $2;
