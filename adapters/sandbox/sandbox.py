"""The sandbox itself: who its customers are, what they sent, and what becomes of it.

Everything is in memory, kept until the process ends, and gone then. Not for more than a few million messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from adapters.sandbox.documents import Document, render_message, render_report
from adapters.sandbox.errors import NobodyToTell, NotFuture
from adapters.sandbox.faults import Faults
from adapters.sandbox.ids import IdMaker
from adapters.sandbox.model import (
    PRICE_ORE,
    URGENT_ORE,
    Account,
    Batch,
    Change,
    Direction,
    Draft,
    Message,
    Recipient,
)
from adapters.sandbox.reports import News, Postman
from adapters.sandbox.request_log import RequestLog
from adapters.sandbox.schedule import Clock, Schedule
from adapters.sandbox.segments import measure
from adapters.sandbox.statuses import PATH_BY_FATE, BatchStatus, Path, Status, choose_fate
from adapters.sandbox.templates import fill_in
from adapters.sandbox.windows import choose_opening, parse_windows

INCOMING_CALLBACK_URL: Final = "IncomingCallbackUrl"


@dataclass(kw_only=True)
class Sandbox:
    """All state, and the few things that can be done to it."""

    accounts_by_token: Mapping[str, Account]
    clock: Clock
    schedule: Schedule
    postman: Postman
    faults: Faults
    requests: RequestLog
    tempo_seconds: float
    require_registered_senders: bool
    batches: dict[str, Batch] = field(default_factory=dict)
    ids: IdMaker = field(default_factory=IdMaker)

    def accept(self, account: Account, draft: Draft) -> Batch:
        """Take a batch: its messages are 101 at once, and go on when a window opens."""
        now = self.clock()
        opens_at = choose_opening(draft.windows, now)
        is_planned = opens_at is not None and opens_at > now
        batch = self._keep(account, draft, Direction.TO_PHONE, is_open=not is_planned)
        for recipient in draft.recipients:
            path = self._choose_path(account, draft, recipient, opens_at)
            batch.messages.append(self._make_message(draft, recipient, now, path))
        wait = (opens_at - now).total_seconds() if opens_at and is_planned else self.tempo_seconds
        self.schedule.add(now.timestamp() + wait, partial(self._advance, account, batch))
        return batch

    def _keep(self, account: Account, draft: Draft, direction: Direction, *, is_open: bool) -> Batch:
        batch = Batch(
            id=self.ids.make(self.clock()),
            owner=account.id,
            draft=draft,
            direction=direction,
            messages=[],
            is_open=is_open,
        )
        self.batches[batch.id] = batch
        account.batches.append(batch)
        return batch

    def _choose_path(self, account: Account, draft: Draft, recipient: Recipient, opens_at: datetime | None) -> Path:
        if self.require_registered_senders and draft.sender not in account.senders:
            return PATH_BY_FATE[Status.SENDER_REJECTED]
        if opens_at is None:  # every window has closed
            return (Status.ACCEPTED, Status.EXPIRED)
        return PATH_BY_FATE[choose_fate(recipient.msisdn)]

    def _make_message(self, draft: Draft, recipient: Recipient, now: datetime, path: Path) -> Message:
        body = fill_in(draft.body, recipient.values)
        coding, segments = measure(body)
        return Message(
            id=self.ids.make(now),
            recipient=recipient.msisdn,
            body=body,
            coding=coding,
            segments=segments,
            price_ore=segments * (PRICE_ORE + (URGENT_ORE if draft.priority == 2 else 0)),
            changes=[Change(now, path[0])],
            ahead=path[1:],
        )

    def _advance(self, account: Account, batch: Batch) -> None:
        """Move every message one step on; with no tempo, all the way."""
        batch.is_open = True
        now = self.clock()
        while moving := [message for message in batch.messages if message.ahead]:
            for message in moving:
                self._step(account, batch, message, now)
            if self.tempo_seconds:
                self.schedule.add(now.timestamp() + self.tempo_seconds, partial(self._advance, account, batch))
                return

    def _step(self, account: Account, batch: Batch, message: Message, now: datetime) -> None:
        status, *rest = message.ahead
        if status is Status.FUNDED and account.balance_ore < message.price_ore:
            status, rest = Status.INSUFFICIENT_FUNDS, []
        if status is Status.FUNDED:
            account.balance_ore -= message.price_ore
        elif status is Status.REFUNDED:
            account.balance_ore += message.price_ore
        message.ahead = tuple(rest)
        self._change(batch, message, Change(now, status))

    def _change(self, batch: Batch, message: Message, change: Change) -> None:
        message.changes.append(change)
        if batch.draft.delivery_report_url:
            self.postman.offer(
                News(
                    topic=message.id,
                    url=batch.draft.delivery_report_url,
                    document=render_report(batch, message, change),
                    is_last=not message.ahead,
                )
            )

    def cancel(self, batch: Batch) -> None:
        """Cancel a batch that has not opened. Raises NotFuture."""
        if batch.status is not BatchStatus.PLANNED:
            raise NotFuture
        now = self.clock()
        for message in batch.messages:
            message.ahead = ()
            self._change(batch, message, Change(now, Status.CANCELED))

    def receive(self, *, sender: str, recipient: str, body: str, account_id: str | None) -> Document:
        """Let a phone send an SMS to a customer, who is told. Gives the message document. Raises NobodyToTell."""
        account = self._choose_listener(account_id)
        now = self.clock()
        draft = Draft(
            sender=sender,
            recipients=(Recipient(recipient, {}),),
            body=body,
            windows=parse_windows(None, now),
        )
        batch = self._keep(account, draft, Direction.FROM_PHONE, is_open=True)
        message = self._make_message(draft, draft.recipients[0], now, (Status.DELIVERED_TO_HANDSET,))
        message.price_ore = 0
        batch.messages.append(message)
        document = render_message(batch, message, whole_history=True)
        url = account.settings[INCOMING_CALLBACK_URL]
        self.postman.offer(News(topic=message.id, url=url, document=document, is_last=True))
        return document

    def _choose_listener(self, account_id: str | None) -> Account:
        for account in self.accounts_by_token.values():
            if account_id in {None, account.id} and INCOMING_CALLBACK_URL in account.settings:
                return account
        raise NobodyToTell
