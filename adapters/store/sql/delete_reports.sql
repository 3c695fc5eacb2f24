DELETE FROM reports WHERE message_id = ANY($1::integer[]);
