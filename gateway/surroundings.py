"""What every part of the core works with."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.breaker import GuardedUpstream
from gateway.domain.account import AccountSettings
from gateway.domain.status import StatusTables
from gateway.ports import Clock, Metrics, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The ports, the tables, and how each account is treated (None and unknown accounts: the defaults)."""

    store: Store
    upstream: GuardedUpstream
    clock: Clock
    metrics: Metrics
    tables: StatusTables
    settings_of: Callable[[str | None], AccountSettings]
