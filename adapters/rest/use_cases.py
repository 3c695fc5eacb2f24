"""What REST 1.0 needs of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.account import AccountSettings
from gateway.domain.intent import MessageRecord
from gateway.domain.report import StoredIncoming
from gateway.domain.sms import Credentials, Order
from gateway.domain.status import StatusTables
from gateway.ports import MessageQuery, Metrics


class SendReceipt(Protocol):
    """What a send gives back."""

    def records(self) -> Sequence[MessageRecord]:
        """Every message, in the order of the recipients."""


class MessageService(Protocol):
    """The use cases that this interface offers; `gateway.service.Service` has them."""

    @property
    def tables(self) -> StatusTables:
        """The status tables in force."""

    @property
    def metrics(self) -> Metrics:
        """Where calls are counted."""

    def now(self) -> datetime:
        """Now, aware."""

    def settings_of(self, account_id: str | None, /) -> AccountSettings:
        """How an account is treated; the defaults for one that nobody configured."""

    async def send(self, order: Order, credentials: Credentials) -> SendReceipt:
        """Send an order. Raises GatewayError."""

    async def find_message(self, credentials: Credentials, message_id: int) -> MessageRecord:
        """One message. Raises NotFound."""

    async def list_messages(self, credentials: Credentials, query: MessageQuery) -> Sequence[MessageRecord]:
        """Messages, newest first."""

    async def find_bundle(self, credentials: Credentials, bundle_id: int) -> Sequence[MessageRecord]:
        """The messages of a bundle. Raises NotFound."""

    async def find_incoming(self, credentials: Credentials, message_id: int) -> StoredIncoming:
        """One SMS that came in. Raises NotFound."""

    async def list_incoming(self, credentials: Credentials) -> Sequence[StoredIncoming]:
        """SMS that came in, newest first."""
