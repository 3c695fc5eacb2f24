"""Pure values, rules and tables. Imports the standard library only."""
