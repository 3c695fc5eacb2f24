SELECT id
FROM intents
WHERE outcome = ANY($1::text[]) AND due_at <= $2
LIMIT 1;
