UPDATE intents SET
    outcome = 'accepted',
    batch_id = $2,
    reason = NULL,
    outcome_at = $3,
    due_at = COALESCE(due_at, $3)
WHERE id = $1 AND outcome <> 'accepted'
RETURNING id;
