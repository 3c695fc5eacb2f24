"""A service that keeps orders instead of sending them, for tests of the interfaces' routes.

Everything before the store is real: credentials are compared, orders are drafted and planned by the domain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gateway.config import Config
from gateway.domain.account import AccountSettings
from gateway.domain.errors import GatewayError, NotFound, WrongCredentials
from gateway.domain.intent import FIRST_ID_DEFAULT, Intent, MessageRecord, Outcome, OutcomeKind, draft, plan_intents
from gateway.domain.report import StoredIncoming
from gateway.domain.sms import Credentials, Interface, Order
from gateway.domain.status import MessageStatus, StatusTables
from gateway.ports import MessageQuery, Metrics

NOW = datetime(2026, 11, 21, 12, 34, 56, 333301, tzinfo=UTC)
GOOD_CREDENTIALS = (
    Credentials(account_id="ip1-12345", api_key="demo-key"),
    Credentials(account_id=None, api_key="demo-token"),
)


def load_tables() -> StatusTables:
    """The tables as shipped."""
    return Config().status_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a send gives back."""

    id: int
    kept: tuple[MessageRecord, ...]

    def records(self) -> tuple[MessageRecord, ...]:
        return self.kept


class CallMetrics(Metrics):
    """Keeps what an interface counts."""

    def __init__(self) -> None:
        self.calls: list[tuple[Interface, str, str]] = []
        self.codes: list[tuple[Interface, str]] = []

    def call(self, interface: Interface, operation: str, outcome: str, seconds: float) -> None:
        self.calls.append((interface, operation, outcome))

    def legacy_code(self, interface: Interface, code: str) -> None:
        self.codes.append((interface, code))


@dataclass(kw_only=True)
class RecordingService:
    """`error` is raised by every use case, once the credentials have been found good."""

    settings: AccountSettings = field(default_factory=AccountSettings)
    error: GatewayError | Exception | None = None
    tables: StatusTables = field(default_factory=load_tables)
    metrics: CallMetrics = field(default_factory=CallMetrics)
    orders: list[Order] = field(default_factory=list)
    credentials: list[Credentials] = field(default_factory=list)
    queries: list[MessageQuery] = field(default_factory=list)
    messages: dict[int, MessageRecord] = field(default_factory=dict)
    incoming: list[StoredIncoming] = field(default_factory=list)
    next_id: int = FIRST_ID_DEFAULT

    def now(self) -> datetime:
        return NOW

    def settings_of(self, account_id: str | None, /) -> AccountSettings:
        return self.settings

    async def send(self, order: Order, credentials: Credentials) -> Receipt:
        self._check(credentials)
        drafted = draft(order, self.settings)
        self.orders.append(order)
        ids = range(self.next_id, self.next_id + drafted.id_count)
        self.next_id = ids.stop
        intents = plan_intents(drafted, ids=ids, account_id="ip1-12345", store_id="0123abcd", now=NOW)
        records = tuple(record for intent in intents for record in records_of(intent))
        self.messages |= {record.id: record for record in records}
        return Receipt(id=ids[0], kept=records)

    async def find_message(self, credentials: Credentials, message_id: int) -> MessageRecord:
        self._check(credentials)
        if message_id not in self.messages:
            raise NotFound(f"there is no message {message_id}")
        return self.messages[message_id]

    async def list_messages(self, credentials: Credentials, query: MessageQuery) -> Sequence[MessageRecord]:
        self._check(credentials)
        self.queries.append(query)
        return list(self.messages.values())

    async def find_bundle(self, credentials: Credentials, bundle_id: int) -> Sequence[MessageRecord]:
        self._check(credentials)
        found = [record for record in self.messages.values() if record.bundle_id == bundle_id]
        if not found:
            raise NotFound(f"there is no bundle {bundle_id}")
        return found

    async def find_incoming(self, credentials: Credentials, message_id: int) -> StoredIncoming:
        self._check(credentials)
        found = next((stored for stored in self.incoming if stored.id == message_id), None)
        if found is None:
            raise NotFound(f"there is no received message {message_id}")
        return found

    async def list_incoming(self, credentials: Credentials) -> Sequence[StoredIncoming]:
        self._check(credentials)
        return self.incoming

    def _check(self, credentials: Credentials) -> None:
        self.credentials.append(credentials)
        if credentials not in GOOD_CREDENTIALS:
            raise WrongCredentials("the account id or the API key is wrong")
        if self.error is not None:
            raise self.error


def records_of(intent: Intent) -> list[MessageRecord]:
    """The messages of an intent that v2 has accepted and said no more about."""
    accepted = MessageRecord(
        id=intent.id,
        intent_id=intent.id,
        bundle_id=intent.bundle_id,
        account_id=intent.account_id,
        interface=intent.interface,
        sender=intent.sender,
        recipient="",
        body=intent.body,
        values=intent.values,
        priority=intent.priority,
        opens_at=intent.opens_at,
        created_at=intent.created_at,
        outcome=Outcome(kind=OutcomeKind.ACCEPTED, batch_id="5bc86b6e85c7209830f96936"),
        status=None,
        segments=None,
        price=None,
        currency=None,
    )
    return [
        replace(
            accepted,
            id=message.id,
            recipient=message.recipient,
            status=MessageStatus(code=message.refused, at=intent.created_at) if message.refused else None,
        )
        for message in intent.messages
    ]
