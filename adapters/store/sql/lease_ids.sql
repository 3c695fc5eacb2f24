UPDATE store SET next_id = next_id + CAST($1 AS BIGINT)
WHERE next_id + CAST($1 AS BIGINT) - 1 <= CAST($2 AS BIGINT)
RETURNING next_id;
