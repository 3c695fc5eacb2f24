"""The use cases: what a legacy caller can ask for. Each reads as a list of promises."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.credentials import Caller, CredentialChecker
from gateway.delivery import Attempt, Delivery
from gateway.domain.account import AccountSettings, RepeatMode
from gateway.domain.coding import count_segments
from gateway.domain.errors import NotFound, NothingScheduled
from gateway.domain.intent import (
    Draft,
    Intent,
    MessageRecord,
    Outcome,
    OutcomeKind,
    StoredIntent,
    draft,
    plan_intents,
)
from gateway.domain.report import DeliveryReport, IncomingMessage, StoredIncoming
from gateway.domain.sms import Credentials, Order, mask_number
from gateway.ids import IdAllocator
from gateway.ports import Balance, MessageQuery, RepeatGuard
from gateway.receipt import NOTHING_SENT, Receipt, answer_id, receipt_of
from gateway.reports import ReportDesk
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
        delivery: Delivery,
        reports: ReportDesk,
        ids: IdAllocator,
        wake_queue: Callable[[], None],
        wake_forwards: Callable[[], None],
    ) -> None:
        self.tables = around.tables
        self.metrics = around.metrics
        self.settings_of = around.settings_of
        self._store = around.store
        self._upstream = around.upstream
        self._credentials = credentials
        self._delivery = delivery
        self._reports = reports
        self._ids = ids
        self._clock = around.clock
        self._wake_queue = wake_queue
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
        self._note_email(order, caller)
        intents = plan_intents(
            drafted,
            ids=await self._ids.take(drafted.id_count),
            account_id=caller.account_id,
            store_id=self._store.store_id,
            now=self._clock.now(),
        )
        guard = self._guard(drafted, intents, settings)
        return await self._send_intents(intents, caller, settings, guard)

    async def _send_intents(
        self,
        intents: tuple[Intent, ...],
        caller: Caller,
        settings: AccountSettings,
        guard: RepeatGuard | None,
    ) -> Receipt:
        recorded = await self._delivery.record(intents, settings, guard=guard)
        if recorded.repeats is not None:
            return await self._answer_repeat(intents, caller, settings, guard, first_id=recorded.repeats)
        self._count(intents)
        if recorded.kind is OutcomeKind.QUEUED:
            self._wake_queue()
            attempts = tuple(Attempt(intent=intent, outcome=Outcome(kind=recorded.kind)) for intent in intents)
        else:
            attempts = await self._delivery.send_bundle(
                intents, token=caller.token, settings=settings, until=recorded.until
            )
        self._log_send(attempts)
        return receipt_of(attempts)

    def _log_send(self, attempts: Sequence[Attempt]) -> None:
        intents = [attempt.intent for attempt in attempts]
        log.info(
            "send",
            id=answer_id(intents),
            interface=intents[0].interface,
            account=intents[0].account_id,
            messages=sum(len(intent.messages) for intent in intents),
            recipient=mask_number(intents[0].messages[0].recipient),
            outcome=attempts[0].outcome.kind,
            reason=attempts[0].outcome.reason,
        )

    def _count(self, intents: Sequence[Intent]) -> None:
        first = intents[0]
        messages = sum(len(intent.messages) for intent in intents)
        self.metrics.messages(first.interface, messages, messages * count_segments(first.body or ""))

    def _note_email(self, order: Order, caller: Caller) -> None:
        if order.wants_email:
            self.metrics.email_asked(order.interface)
            if caller.account_id not in self._email_noted:
                self._email_noted.add(caller.account_id)
                log.warning("e-mail copies no longer exist; only the SMS is sent", account=caller.account_id)

    # ---- callers that repeat themselves --------------------------------------------------------------------

    def _guard(self, drafted: Draft, intents: Sequence[Intent], settings: AccountSettings) -> RepeatGuard | None:
        if not settings.repeat_window_seconds:
            return None
        first = intents[0]
        return RepeatGuard(
            account_id=first.account_id,
            fingerprint=_fingerprint(drafted),
            first_id=answer_id(intents),
            expires_at=first.created_at + timedelta(seconds=settings.repeat_window_seconds),
        )

    async def _answer_repeat(
        self,
        intents: tuple[Intent, ...],
        caller: Caller,
        settings: AccountSettings,
        guard: RepeatGuard | None,
        *,
        first_id: int,
    ) -> Receipt:
        """The first call's answer, waited for where it is still open; one that failed does not count."""
        self.metrics.repeated(settings.repeat_mode)
        if settings.repeat_mode is RepeatMode.WARN:
            log.warning("call repeats another", account=caller.account_id, first=first_id)
            return await self._send_intents(intents, caller, settings, guard=None)
        first = await self._settled(caller.account_id, first_id)
        if guard and all(stored.outcome.kind in NOTHING_SENT for stored in first):
            return await self._send_intents(intents, caller, settings, replace(guard, replaces=first_id))
        return receipt_of([Attempt(intent=stored.intent, outcome=stored.outcome) for stored in first])

    async def _settled(self, account_id: str, first_id: int) -> Sequence[StoredIntent]:
        """A bundle's intents, after those that are open were waited for."""
        first = await self._store.find_bundle_intents(account_id, first_id)
        open_ids = [stored.intent.id for stored in first if stored.outcome.kind in _UNDER_WAY]
        if not open_ids:
            return first
        deadline = asyncio.get_running_loop().time() + self._delivery.settings.patience_seconds
        await asyncio.gather(*(self._delivery.wait_for(intent_id, deadline) for intent_id in open_ids))
        return await self._store.find_bundle_intents(account_id, first_id)

    # ---- scheduled bundles ---------------------------------------------------------------------------------

    async def cancel_bundle(self, credentials: Credentials, bundle_or_message_id: int) -> None:
        """Cancel what is scheduled under an id. Raises NothingScheduled where nothing (more) is."""
        caller = await self._credentials.authenticate(credentials)
        found = await self._store.find_bundle_intents(caller.account_id, bundle_or_message_id)
        now = self._clock.now()
        scheduled = [stored for stored in found if stored.intent.opens_at and stored.intent.opens_at > now]
        canceled = [await self._cancel(stored, caller) for stored in scheduled]
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


_UNDER_WAY = frozenset({OutcomeKind.OPEN, OutcomeKind.UNKNOWN})


def _fingerprint(drafted: Draft) -> bytes:
    """What makes two calls of an account the same: sender, recipients, text, template values and time."""
    order = drafted.order
    parts = (drafted.sender, drafted.recipients, drafted.body, drafted.values, order.opens_at)
    return hashlib.sha256(repr(parts).encode()).digest()[:16]
