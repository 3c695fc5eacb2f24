"""What the store does, as generators that yield statements and are sent their rows: no I/O in here.

One transaction runs an operation from its beginning to its end; SQLite drives it from a thread, PostgreSQL from
the event loop. An operation that fails is run again from its beginning, so it keeps nothing outside itself.
"""
