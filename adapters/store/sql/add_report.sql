INSERT INTO reports
    (received_at, looked_at, upstream_message_id, batch_id, recipient, status, status_at, segments, price, currency,
     reference, raw)
VALUES ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
