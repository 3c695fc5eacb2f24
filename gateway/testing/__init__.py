"""Stand-ins that are shipped, and pass the same contract tests as what they stand for."""

from gateway.testing.clock import FixedClock
from gateway.testing.fake_upstream import FakeUpstream
from gateway.testing.memory_pictures import MemoryPictures
from gateway.testing.memory_store import MemoryStore

__all__ = ["FakeUpstream", "FixedClock", "MemoryPictures", "MemoryStore"]
