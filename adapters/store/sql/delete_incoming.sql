DELETE FROM incoming WHERE id = ANY($1::integer[]);
