"""Stand-ins for what is outside, shipped and kept honest: they pass the contract tests of the real ones."""

from gateway.testing.fake_upstream import FakeUpstream

__all__ = ["FakeUpstream"]
