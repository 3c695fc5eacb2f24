UPDATE intents SET outcome = 'canceled', outcome_at = $2, due_at = NULL
WHERE id = $1 AND outcome = 'queued'
RETURNING id;
