"""Real client libraries against a running gateway. `make conformance` runs all and writes docs/compatibility.md."""
