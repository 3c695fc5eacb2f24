"""The core of the Sendsms Gateway: it knows what sending an SMS is, and nothing of HTTP, XML, JSON or SQL."""
