SELECT id, message_count, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at,
    created_at, outcome, batch_id, reason, price, currency, attempted_at
FROM intents
WHERE id = ANY($1::integer[])
ORDER BY id;
