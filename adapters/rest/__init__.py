"""REST 1.0, /api/sms."""
