-- From the beginning: a forward that is replayed gets every attempt again. $1 says whether all are meant.
UPDATE forwards SET dead = 0, attempts = 0, due_at = $3
WHERE dead = 1 AND (CAST($1 AS INTEGER) = 1 OR id = ANY($2::bigint[]))
RETURNING id;
