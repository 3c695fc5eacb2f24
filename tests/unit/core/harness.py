"""A core on stand-ins: a store and a v2 in memory, and a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from adapters.metrics import PrometheusMetrics
from gateway.breaker import BreakerSettings, CircuitBreaker, GuardedUpstream
from gateway.config import Config
from gateway.core import Core, CoreSettings
from gateway.credentials import CredentialChecker, CredentialSettings, Mode, SecretKey
from gateway.delivery import DeliverySettings
from gateway.domain.account import AccountSettings
from gateway.domain.errors import ForwardFailed
from gateway.domain.report import Notice
from gateway.domain.sms import Credentials, Interface, Order
from gateway.picture_messages import PictureSettings
from gateway.ports import PictureStore
from gateway.retention import RetentionSettings
from gateway.service import Service
from gateway.surroundings import Surroundings
from gateway.testing import FakeUpstream, FixedClock, MemoryPictures, MemoryStore

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACCOUNT, TOKEN = "ip1-12345", "demo-token"
CREDENTIALS = Credentials(account_id=ACCOUNT, api_key=TOKEN)
TABLES = Config().status_tables
DELIVERY = DeliverySettings(patience_seconds=0.05)
PICTURES = PictureSettings(link_prefix="https://sms.example.com/p/", name_key=bytes(32))


def order(*recipients: str, **changes: object) -> Order:
    """A plain order; one recipient unless said otherwise."""
    plain = Order(
        interface=Interface.SOAP, sender="iP1", recipients=recipients or ("46701234567",), body="Hej", values=None
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand


class NoticeBoard:
    """The callers' own systems: takes every notice, unless told to refuse."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.refusing = False

    async def deliver(self, notice: Notice, *, settings: AccountSettings) -> None:
        """Take it, or not."""
        if self.refusing:
            raise ForwardFailed("answered 500")
        self.notices.append(notice)


@dataclass
class Node:
    """One gateway process without its workers: the test makes each step itself."""

    core: Core
    service: Service
    store: MemoryStore
    upstream: FakeUpstream
    clock: FixedClock
    board: NoticeBoard
    metrics: PrometheusMetrics

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**by).total_seconds())


@asynccontextmanager
async def start_node(
    settings: AccountSettings | None = None,
    *,
    store: MemoryStore | None = None,
    upstream: FakeUpstream | None = None,
    clock: FixedClock | None = None,
    delivery: DeliverySettings = DELIVERY,
    picture_store: PictureStore | None = None,
) -> AsyncIterator[Node]:
    """A node on its stand-ins; give it those of an earlier one to be its next life."""
    clock = clock or FixedClock(NOON)
    store = store or MemoryStore()
    upstream = upstream or FakeUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    metrics = PrometheusMetrics()

    def seconds() -> float:
        return clock.now().timestamp()

    around = Surroundings(
        store=store,
        upstream=GuardedUpstream(upstream, CircuitBreaker(BreakerSettings(), metrics=metrics, monotonic=seconds)),
        clock=clock,
        metrics=metrics,
        tables=TABLES,
        settings_of=lambda _account_id: settings or AccountSettings(),
    )
    credentials = CredentialChecker(
        CredentialSettings(mode=Mode.TOKEN_IS_KEY),
        store=store,
        upstream=around.upstream,
        secret_key=SecretKey(bytes(32)),
        clock=clock,
        read_secret=lambda path: path,
    )
    board = NoticeBoard()
    core = Core(
        around,
        settings=CoreSettings(
            delivery=delivery, retention=RetentionSettings(), pictures=PICTURES, id_block_size=100
        ),
        credentials=credentials,
        forwarder=board,
        picture_store=picture_store or MemoryPictures(),
        monotonic=seconds,
    )
    await core.settler.inherit()
    yield Node(
        core=core,
        service=core.service,
        store=store,
        upstream=upstream,
        clock=clock,
        board=board,
        metrics=metrics,
    )
    credentials.close()


def start_beside(node: Node) -> AbstractAsyncContextManager[Node]:
    """Another node on the same stand-ins, or the next life of this one."""
    return start_node(store=node.store, upstream=node.upstream, clock=node.clock)
