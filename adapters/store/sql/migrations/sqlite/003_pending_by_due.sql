-- What is pending is due some time, and found by intents_due. Each send put a line into the other index, and took it
-- out again.
UPDATE intents SET due_at = outcome_at
WHERE (outcome = 'open' OR outcome = 'queued' OR outcome = 'unknown') AND due_at IS NULL;
DROP INDEX intents_pending;
