SELECT m.id, m.intent_id, i.bundle_id, i.account_id, i.interface, i.sender, m.recipient, i.body, i.template_values,
    i.priority, i.opens_at, i.created_at, i.outcome, i.batch_id, i.reason, i.price, i.currency,
    m.status, m.status_at, m.segments, m.price, m.currency
FROM messages AS m
JOIN intents AS i ON i.id = m.intent_id
WHERE m.id = $1 AND (i.account_id = $2 OR CAST($2 AS TEXT) IS NULL);
