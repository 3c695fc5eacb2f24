"""The use cases: what a legacy caller can ask for. Each reads as a list of promises."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.credentials import Caller, CredentialChecker
from gateway.domain.errors import NotFound, NothingScheduled, OutcomeUnknown
from gateway.domain.intent import UNDECIDED, MessageRecord, OutcomeKind, StoredIntent, draft
from gateway.domain.picture import Picture, PictureName, render_picture_body
from gateway.domain.report import DeliveryReport, IncomingMessage, StoredIncoming
from gateway.domain.sms import Credentials, Order
from gateway.ids import IdAllocator
from gateway.picture_messages import PictureDesk
from gateway.ports import Balance, MessageQuery
from gateway.receipt import Receipt
from gateway.reports import ReportDesk
from gateway.sending import Sending
from gateway.surroundings import Surroundings

log = structlog.get_logger()

INCOMING_LISTED = 1000


class Service:
    """Everything the legacy interfaces, and v2's callbacks, can ask of the gateway."""

    def __init__(
        self,
        around: Surroundings,
        *,
        credentials: CredentialChecker,
        sending: Sending,
        reports: ReportDesk,
        pictures: PictureDesk,
        ids: IdAllocator,
        wake_forwards: Callable[[], None],
    ) -> None:
        self.tables = around.tables
        self.metrics = around.metrics
        self.settings_of = around.settings_of
        self._store = around.store
        self._upstream = around.upstream
        self._credentials = credentials
        self._sending = sending
        self._reports = reports
        self._pictures = pictures
        self._ids = ids
        self._clock = around.clock
        self._wake_forwards = wake_forwards
        self._email_noted: set[str] = set()

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return self._clock.now()

    # ---- sending -------------------------------------------------------------------------------------------

    async def send(self, order: Order, credentials: Credentials) -> Receipt:
        """Send an order: on disk before v2 is asked, its outcome on disk before this returns.

        Raises any GatewayError of the send table, and then nothing of the order was or will be sent.
        """
        caller = await self._credentials.authenticate(credentials)
        settings = self.settings_of(caller.account_id)
        drafted = draft(order, settings)
        if order.wants_email:
            self._note_email(order, caller)
        return await self._sending.send(drafted, caller, settings)

    async def send_with_pictures(
        self, order: Order, pictures: Iterable[Picture], credentials: Credentials
    ) -> Receipt:
        """Send an order with links to pictures, which are on disk before v2 is asked; for the rest as `send`."""
        caller = await self._credentials.authenticate(credentials)
        settings = self.settings_of(caller.account_id)
        named = self._pictures.name(pictures, account_id=caller.account_id)
        body = render_picture_body(order.body, self._pictures.links(named))
        drafted = draft(replace(order, body=body), settings)
        await self._pictures.keep(named)
        return await self._sending.send(drafted, caller, settings)

    async def find_picture(self, name: PictureName) -> Picture | None:
        """The picture that a link leads to, until its time is over."""
        return await self._pictures.find(name)

    def _note_email(self, order: Order, caller: Caller) -> None:
        self.metrics.email_asked(order.interface)
        if caller.account_id not in self._email_noted:
            self._email_noted.add(caller.account_id)
            log.warning("e-mail copies no longer exist; only the SMS is sent", account=caller.account_id)

    # ---- scheduled bundles ---------------------------------------------------------------------------------

    async def cancel_bundle(self, credentials: Credentials, bundle_or_message_id: int) -> None:
        """Cancel what is scheduled under an id. Raises NothingScheduled where nothing (more) is.

        Raises OutcomeUnknown, after cancelling the rest, where a part may or may not have reached v2: it cannot be
        cancelled before that is settled, and may still be sent.
        """
        caller = await self._credentials.authenticate(credentials)
        found = await self._store.find_bundle_intents(caller.account_id, bundle_or_message_id)
        now = self._clock.now()
        scheduled = [stored for stored in found if stored.intent.opens_at and stored.intent.opens_at > now]
        canceled = [await self._cancel(stored, caller) for stored in scheduled]
        if any(stored.outcome.kind in UNDECIDED for stored in scheduled):
            raise OutcomeUnknown("it is not known yet whether v2 has the message; cancel it again in a moment")
        if not any(canceled):
            raise NothingScheduled("nothing is scheduled under that id")

    async def _cancel(self, stored: StoredIntent, caller: Caller) -> bool:
        if stored.outcome.kind is OutcomeKind.ACCEPTED and stored.outcome.batch_id:
            try:
                await self._upstream.cancel_batch(stored.outcome.batch_id, token=caller.token)
            except NothingScheduled:
                return False
            await self._store.mark_canceled(stored.intent.id, at=self._clock.now())
            return True
        if stored.outcome.kind is OutcomeKind.QUEUED:
            return await self._store.cancel_queued(stored.intent.id, at=self._clock.now())
        return False

    # ---- reading -------------------------------------------------------------------------------------------

    async def fetch_balance(self, credentials: Credentials) -> Balance:
        """The account's balance, as v2 has it now."""
        caller = await self._credentials.authenticate(credentials)
        return await self._upstream.fetch_balance(token=caller.token)

    async def find_message(self, credentials: Credentials, message_id: int) -> MessageRecord:
        """One of the account's messages. Raises NotFound."""
        caller = await self._credentials.authenticate(credentials)
        found = await self._store.find_message(message_id, account_id=caller.account_id)
        if found is None:
            raise NotFound(f"there is no message {message_id}")
        return found

    async def list_messages(self, credentials: Credentials, query: MessageQuery) -> Sequence[MessageRecord]:
        """The account's messages, newest first."""
        caller = await self._credentials.authenticate(credentials)
        return await self._store.list_messages(caller.account_id, query)

    async def find_bundle(self, credentials: Credentials, bundle_id: int) -> Sequence[MessageRecord]:
        """All messages of one of the account's bundles. Raises NotFound."""
        caller = await self._credentials.authenticate(credentials)
        found = await self._store.find_bundle(caller.account_id, bundle_id)
        if not found:
            raise NotFound(f"there is no bundle {bundle_id}")
        return found

    async def find_incoming(self, credentials: Credentials, message_id: int) -> StoredIncoming:
        """One SMS that came in for the account. Raises NotFound."""
        caller = await self._credentials.authenticate(credentials)
        found = await self._store.find_incoming(message_id, account_id=caller.account_id)
        if found is None:
            raise NotFound(f"there is no received message {message_id}")
        return found

    async def list_incoming(self, credentials: Credentials) -> Sequence[StoredIncoming]:
        """The SMS that came in for the account, newest first."""
        caller = await self._credentials.authenticate(credentials)
        return await self._store.list_incoming(caller.account_id, limit=INCOMING_LISTED)

    # ---- v2's callbacks ------------------------------------------------------------------------------------

    async def receive_report(self, report: DeliveryReport) -> None:
        """Keep a delivery report; it is applied afterwards."""
        await self._reports.receive(report)

    async def receive_incoming(self, message: IncomingMessage) -> None:
        """Keep an SMS that came in, under an id of our own."""
        ids = await self._ids.take(1)
        forward = self.settings_of(message.account_id).incoming_forward_url is not None
        await self._store.record_incoming(message, message_id=ids[0], forward=forward)
        self.metrics.incoming()
        self._wake_forwards()
