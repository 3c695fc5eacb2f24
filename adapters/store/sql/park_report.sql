UPDATE reports SET looked_at = $2 WHERE id = $1;
