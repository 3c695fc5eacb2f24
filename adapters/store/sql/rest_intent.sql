UPDATE intents SET due_at = NULL WHERE id = $1 AND outcome = 'accepted';
