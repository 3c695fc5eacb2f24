"""What is on disk: SQLite, or PostgreSQL."""
