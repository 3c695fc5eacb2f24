UPDATE intents SET
    outcome = 'accepted',
    batch_id = $2,
    reason = NULL,
    outcome_at = $3,
    due_at = CASE WHEN unfinished = 0 THEN NULL ELSE COALESCE(due_at, $3) END
WHERE id = $1 AND outcome <> 'accepted'
RETURNING id;
