INSERT INTO messages (id, intent_id, recipient, refused, status, status_at)
VALUES ($1, $2, $3, $4, $4, $5);
