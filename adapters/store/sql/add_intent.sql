INSERT INTO intents
    (id, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at, created_at,
     message_count, unfinished, outcome, outcome_at, attempted_at, owner, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10, $14, $15, $16);
