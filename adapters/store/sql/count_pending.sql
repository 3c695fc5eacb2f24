SELECT outcome, count(*)
FROM intents
WHERE outcome IN ('open', 'queued', 'unknown')
GROUP BY outcome;
