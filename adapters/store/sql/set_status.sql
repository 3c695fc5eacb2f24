UPDATE messages SET status = $2, status_at = $3 WHERE id = ANY($1::integer[]);
