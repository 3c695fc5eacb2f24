UPDATE reports SET fate = $2, message_id = $3 WHERE id = $1;
