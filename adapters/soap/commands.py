"""What an operation asks the service for. `perform` gives the text of the answer, and raises GatewayError."""

from collections.abc import Iterable
from typing import Protocol

from gateway.domain.errors import BadParameter
from gateway.domain.picture import Picture
from gateway.domain.sms import Credentials, Order
from gateway.domain.status import CANCEL_DONE, LegacyStatus, StatusTables
from gateway.domain.values import value
from gateway.ports import Balance, Metrics


class Numbered(Protocol):
    """What a send gives back."""

    @property
    def id(self) -> int:
        """The message's id, or the bundle's for several."""


class SmsService(Protocol):
    """The use cases that SOAP offers, as `gateway.service.Service` has them."""

    @property
    def metrics(self) -> Metrics:
        """Where calls are counted."""

    @property
    def tables(self) -> StatusTables:
        """The status codes and their texts."""

    async def send(self, order: Order, credentials: Credentials) -> Numbered:
        """Send, or take over, one order."""

    async def send_with_pictures(
        self, order: Order, pictures: Iterable[Picture], credentials: Credentials
    ) -> Numbered:
        """The same with links to pictures after the text."""

    async def fetch_balance(self, credentials: Credentials) -> Balance:
        """What is left on the account."""

    async def cancel_bundle(self, credentials: Credentials, bundle_or_message_id: int) -> None:
        """Cancel what is scheduled. Raises NothingScheduled."""


class Command(Protocol):
    """One call, read and ready to be carried out."""

    async def perform(self, service: SmsService) -> str:
        """The text of the result."""


@value
class Send:
    """Send one text to one or several recipients, now or later; answers the id."""

    order: Order
    credentials: Credentials

    async def perform(self, service: SmsService) -> str:
        """The id."""
        receipt = await service.send(self.order, self.credentials)
        return str(receipt.id)


@value
class SendWithPictures:
    """Send a text with links to pictures; answers the id."""

    order: Order
    pictures: tuple[Picture, ...]
    credentials: Credentials

    async def perform(self, service: SmsService) -> str:
        """The id."""
        receipt = await service.send_with_pictures(self.order, self.pictures, self.credentials)
        return str(receipt.id)


@value
class AskBalance:
    """What is left on the account."""

    credentials: Credentials

    async def perform(self, service: SmsService) -> str:
        """The amount."""
        return render_balance(await service.fetch_balance(self.credentials))


@value
class CancelBundle:
    """Cancel what has not been sent yet; answers 0 (asmx-facts 1.7)."""

    credentials: Credentials
    bundle_or_message_id: int

    async def perform(self, service: SmsService) -> str:
        """0."""
        await service.cancel_bundle(self.credentials, self.bundle_or_message_id)
        return str(CANCEL_DONE)


@value
class Describe:
    """The text of a status code."""

    code: LegacyStatus

    async def perform(self, service: SmsService) -> str:
        """The text. Raises BadParameter for a code that does not exist."""
        text = service.tables.text(self.code)
        if not text:
            raise BadParameter("kod", "is no status code")
        return text


def render_balance(balance: Balance) -> str:
    """The amount alone, two decimals after a point, nothing between thousands: `1234.50`.

    How the old service wrote it is lost. This is how XML Schema writes decimals, so the platform would have
    written a number so too, and PHP, JavaScript and Java read it as one.
    """
    return f"{balance.amount:.2f}"
