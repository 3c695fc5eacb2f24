-- What costs SQLite much, a test against a list, costs PostgreSQL nothing: its index stays as it is.
COMMENT ON INDEX intents_pending IS 'intents that are not settled';
