UPDATE messages SET
    status = $2,
    status_at = $3,
    segments = COALESCE($4, segments),
    price = COALESCE($5, price),
    currency = COALESCE($6, currency)
WHERE id = $1;
