UPDATE forwards SET attempts = attempts + 1, problem = $2, due_at = $3, dead = $4
WHERE id = $1;
