"""What the core needs of the world, in the domain's words.

Adapters implement these protocols, and so do the stand-ins in `gateway.testing`.

Every moment is an aware UTC datetime that the caller passes in: no implementation reads a clock.
"""

from gateway.ports.metrics import Metrics
from gateway.ports.store import MessageQuery, RepeatGuard, Store
from gateway.ports.upstream import Balance, Upstream
from gateway.ports.world import Clock, Forwarder, PictureStore

__all__ = [
    "Balance",
    "Clock",
    "Forwarder",
    "MessageQuery",
    "Metrics",
    "PictureStore",
    "RepeatGuard",
    "Store",
    "Upstream",
]
