"""Everything else under api.ip1sms.com, forwarded unchanged."""
