SELECT id FROM intents WHERE bundle_id = $2 AND account_id = $1
UNION ALL
SELECT id FROM intents WHERE id = $2 AND account_id = $1 AND bundle_id IS NULL;
