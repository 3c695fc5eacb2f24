DELETE FROM intents WHERE id = ANY($1::integer[]);
