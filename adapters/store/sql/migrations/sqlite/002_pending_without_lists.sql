-- For each row that it tests against a list of three, SQLite builds that list anew, as a table.
DROP INDEX intents_pending;
CREATE INDEX intents_pending ON intents (outcome, id)
WHERE outcome = 'open' OR outcome = 'queued' OR outcome = 'unknown';
