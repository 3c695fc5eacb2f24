-- In the words of the index intents_pending, by which SQLite knows it.
SELECT outcome, count(*)
FROM intents
WHERE outcome = 'open' OR outcome = 'queued' OR outcome = 'unknown'
GROUP BY outcome;
