"""The provider's REST API v2, seen from its client."""
