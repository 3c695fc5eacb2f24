"""Telling callers' own systems what happened, over HTTP."""
