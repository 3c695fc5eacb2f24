SELECT id, message_count
FROM intents
WHERE bundle_id = $2 AND account_id = $1;
